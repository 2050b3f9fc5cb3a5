"""Endpoints that hear of what happens, and the log of every attempt to tell them."""

from django.db import models

from unspoken.journal.subscribers import is_wanted
from unspoken.kit.ids import IdField
from unspoken.staff.models import Member


class Endpoint(models.Model):
    """An address of another system. `kinds`: entry kinds, or families ending in `.`; empty means every kind."""

    id = IdField(prefix="whe")
    url = models.URLField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    kinds = models.JSONField(default=list, blank=True)
    secret = models.CharField(max_length=120)
    old_secret = models.CharField(
        max_length=120, blank=True
    )  # signs too until old_secret_until, so that keys can change
    old_secret_until = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url

    def wants(self, kind: str) -> bool:
        """Tell whether entries of `kind` are for this endpoint."""
        return not self.kinds or is_wanted(kind, wanted=self.kinds)


class Attempt(models.Model):
    """One try to deliver one entry: the answer's status, or why there was none. Kept for thirty days."""

    id = models.BigAutoField(primary_key=True)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="attempts")
    entry_id = models.BigIntegerField()
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    seconds = models.FloatField()

    class Meta:
        indexes = [models.Index(fields=["endpoint", "-id"], name="attempt_by_endpoint")]

    def __str__(self) -> str:
        return f"{self.endpoint_id} ← {self.entry_id}: {self.status or self.error}"
