"""What is known of a call beside its messages: when it was, who spoke how long, and whether its tone may be read."""

from django.db import models
from django.db.models import Q

from unspoken.conversations.models import Conversation
from unspoken.kit.constraints import one_of
from unspoken.kit.ids import IdField
from unspoken.staff.models import Member


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
    """A conversation on the telephone. Times in seconds from its beginning."""

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


class Side(models.TextChoices):
    """Where the customer is in a recording."""

    LEFT = "left", "on the left channel"
    RIGHT = "right", "on the right channel"
    ALONE = "alone", "alone in it"


class RecordingState(models.TextChoices):
    WAITING = "waiting", "Waits to be listened to"
    LISTENING = "listening", "Is being listened to"
    DONE = "done", "Was listened to"
    FAILED = "failed", "Was not heard to its end"


UNFINISHED = (RecordingState.WAITING, RecordingState.LISTENING)


class Recording(models.Model):
    """A recording that was brought for a call: what it is, and what became of it.

    Its file lies in the data folder under this id until it was listened to, and never longer; what is kept of it, where
    that is permitted, is a `KeptRecording`.
    """

    id = IdField(prefix="rec")
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="recordings", db_index=False
    )  # indexed below, in order
    side = models.CharField(max_length=5, choices=Side.choices)
    size = models.PositiveBigIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    consent_id = models.BigIntegerField()  # the consent decision under which it was taken in
    state = models.CharField(max_length=9, choices=RecordingState.choices, default=RecordingState.WAITING)
    seconds = models.FloatField(default=0.0)  # of its sound, listened to
    windows = models.PositiveIntegerField(default=0)  # of which something was newly read
    why = models.CharField(max_length=500, blank=True)  # it was not heard to its end
    by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)  # whoever listens has it to themselves until then
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("side", Side, app="recording"),
            one_of("state", RecordingState, app="recording"),
            models.UniqueConstraint(
                fields=["conversation", "sha256"],
                name="recording_once",
                condition=~Q(state=RecordingState.FAILED.value),
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "-at", "-id"], name="recording_of_call"),
            models.Index(
                fields=["at", "id"],
                name="recording_unfinished",
                condition=Q(state__in=[one.value for one in UNFINISHED]),
            ),
        ]

    def __str__(self) -> str:
        return f"recording of {self.conversation_id}: {self.state}"


class Form(models.TextChoices):
    """What a kept recording is written as."""

    MP3 = "audio/mpeg", "MP3"
    WAV = "audio/wav", "WAV"


class KeptRecording(models.Model):
    """The recording of a call that is kept, as its customer permits: both sides in one. A call has one at most.

    Its file lies in the data folder under this id, until `until` or until the permission ends.
    """

    id = IdField(prefix="kept")
    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="kept_recording")
    recording = models.OneToOneField(  # from which it was made; None: it did not wait to be listened to
        Recording, null=True, blank=True, on_delete=models.SET_NULL, related_name="kept"
    )
    form = models.CharField(max_length=10, choices=Form.choices)
    size = models.PositiveBigIntegerField()  # bytes
    consent_id = models.BigIntegerField()  # the consent decision under which it is kept
    at = models.DateTimeField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [one_of("form", Form, app="kept_recording")]

    def __str__(self) -> str:
        return f"kept recording of {self.conversation_id}"

    @property
    def suffix(self) -> str:
        """How the name of its file ends elsewhere."""
        return f".{Form(self.form).name.lower()}"
