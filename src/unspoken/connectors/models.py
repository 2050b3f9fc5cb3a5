"""What connectors remember: answers on their way out, and how far a mailbox has been looked through."""

from django.db import models

from unspoken.conversations.models import Inbox, Message
from unspoken.kit.constraints import one_of


class Outcome(models.TextChoices):
    STARTED = "started", "Handed over, not confirmed"
    SENT = "sent", "Sent"
    FAILED = "failed", "Certainly not sent"


class Dispatch(models.Model):
    """One approved answer on its way out, written before the other system is called: so that it leaves only once.

    `approval_id` is the journal entry of the approval. One that is found *started* may have left already.
    """

    approval_id = models.BigIntegerField(unique=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="dispatches")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.STARTED)
    remote_id = models.CharField(max_length=254, blank=True, db_index=True)
    started_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "dispatches"
        constraints = [one_of("outcome", Outcome, app="dispatch")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.outcome}"


class Lookout(models.Model):
    """How far an inbox's mailbox has been looked through, when it is looked at next, and what went wrong last."""

    inbox = models.OneToOneField(Inbox, on_delete=models.CASCADE, primary_key=True, related_name="lookout")
    state = models.JSONField(default=dict, blank=True)
    due_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.inbox_id} looked at {self.looked_at}"
