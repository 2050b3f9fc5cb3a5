"""What is known of a call beside its messages: when it was, who spoke how long, and whether its tone may be read."""

from django.db import models
from django.db.models import Q

from unspoken.conversations.models import Conversation
from unspoken.kit.constraints import one_of


class ToneState(models.TextChoices):
    """Whether the tone of the customer's voice is read, or why not."""

    READ = "read", "Read"
    NOT_PERMITTED = "not_permitted", "Not permitted by the customer"
    WITHDRAWN = "withdrawn", "No longer permitted by the customer"
    PAUSED = "paused", "Paused"
    NOT_SEPARABLE = "not_separable", "Both sides are on one channel"
    UNAVAILABLE = "unavailable", "The model cannot be used"
    OFF = "off", "Reading is switched off"


class Call(models.Model):
    """A conversation on the telephone. Times in seconds from its beginning. No sound is kept."""

    conversation = models.OneToOneField(Conversation, primary_key=True, on_delete=models.CASCADE, related_name="call")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField()  # when something was last heard of the line
    heard_until = models.FloatField(default=0.0)
    announced = models.CharField(max_length=300, blank=True)  # what those on the line were told, as reported
    tone = models.CharField(max_length=14, choices=ToneState.choices, default=ToneState.NOT_PERMITTED)
    talk = models.JSONField(default=dict)  # `calls.talk.Talk` as JSON: who spoke when
    usual = models.JSONField(null=True)  # three numbers: how the caller's calm voice sounds, for a line that comes back

    class Meta:
        constraints = [
            one_of("tone", ToneState, app="call"),
            models.CheckConstraint(condition=Q(heard_until__gte=0), name="call_heard_forwards"),
        ]
        indexes = [models.Index(fields=["seen_at"], name="call_under_way", condition=Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return f"call {self.conversation_id}"

    @property
    def is_live(self) -> bool:
        """Whether the line is still open, as far as we know."""
        return self.ended_at is None
