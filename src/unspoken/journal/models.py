"""Entries (what happened, ids only, never content) and deliveries (who has still to hear of it)."""

from django.db import models


class Entry(models.Model):
    """One thing that happened. Order of ids is order of commits. Holds ids, never message content."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    contact_id = models.CharField(max_length=40, blank=True)
    conversation_id = models.CharField(max_length=40, blank=True)
    team_id = models.CharField(max_length=40, blank=True)
    actor = models.CharField(max_length=60, blank=True)
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["conversation_id", "id"], name="entry_conversation"),
            models.Index(fields=["contact_id", "id"], name="entry_contact"),
            models.Index(fields=["kind", "id"], name="entry_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Given up"


class Delivery(models.Model):
    """One subscriber's copy of one entry; claimed by a worker, tried again with back-off, then given up or replayed."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["entry", "subscriber"], name="delivery_once")]
        indexes = [
            models.Index(fields=["due_at"], name="delivery_due", condition=models.Q(state=DeliveryState.WAITING.value)),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} ← {self.entry_id}"
