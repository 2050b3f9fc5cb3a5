"""Answers that are kept so that a request sent again with its Idempotency-Key gets the same one."""

from django.db import models

from unspoken.staff.models import ApiToken


class KeptAnswer(models.Model):
    """One Idempotency-Key of one token: the request's fingerprint and, once there is one, the answer. Kept 24 hours."""

    id = models.BigAutoField(primary_key=True)
    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    begun_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"
