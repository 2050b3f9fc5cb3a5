"""What was read, immutable; what a person said of it; and what follows from both, recomputable."""

from django.db import models
from django.db.models import Q

from unspoken.conversations.models import Conversation, Message
from unspoken.kit.constraints import one_of
from unspoken.kit.ids import IdField
from unspoken.people.models import Channel, Contact
from unspoken.staff.models import Member


class Area(models.TextChoices):
    PRODUCT = "product", "Product"
    SERVICE = "service", "Service"
    PUBLIC = "public", "Public"


class StoredReading(models.Model):
    """One reading of one message by one model. At most one per message × model; never of anyone but a customer.

    A trigger in the database refuses a row whose message is not a customer's public words.
    """

    id = IdField(prefix="rd")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="readings")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="readings")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="readings")
    subject_kind = models.CharField(max_length=10, default="customer", editable=False)
    consent_id = models.BigIntegerField(null=True)  # the consent decision under which it was made
    model = models.CharField(max_length=60)
    model_version = models.CharField(max_length=40)
    model_sha256 = models.CharField(max_length=64, blank=True)
    labels = models.JSONField(default=dict)
    cx = models.JSONField(default=dict)
    service = models.JSONField(null=True)  # marks and moves: `affect.vocabulary.SERVICE`; null: the model tells none
    valence = models.FloatField()
    arousal = models.FloatField()
    dominance = models.FloatField(null=True)
    confidence = models.FloatField()
    spans = models.JSONField(default=list)  # [[start, end, label, weight], …]
    embedding = models.BinaryField(null=True)  # float16, unit length
    area = models.CharField(max_length=10, choices=Area.choices)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "readings_reading"
        constraints = [
            models.UniqueConstraint(fields=["message", "model"], name="reading_once"),
            models.CheckConstraint(condition=Q(subject_kind="customer"), name="reading_customers_only"),
            models.CheckConstraint(condition=Q(valence__gte=-1) & Q(valence__lte=1), name="reading_valence_range"),
            models.CheckConstraint(condition=Q(arousal__gte=0) & Q(arousal__lte=1), name="reading_arousal_range"),
            models.CheckConstraint(
                condition=Q(confidence__gte=0) & Q(confidence__lte=1), name="reading_confidence_range"
            ),
            one_of("area", Area, app="reading"),
        ]
        indexes = [
            models.Index(fields=["conversation", "occurred_at"], name="reading_in_conversation"),
            models.Index(fields=["contact", "-occurred_at"], name="reading_by_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.model} on {self.message_id}"


class ToneReading(models.Model):
    """What a customer's tone of voice expressed in one window of a call, or why nothing is said of it. Never anybody
    else's: only a channel declared to be the customer's is read. No sound is kept, and nothing that a voice could be
    told by.
    """

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="tones")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="tones")
    subject_kind = models.CharField(max_length=10, default="customer", editable=False)
    consent_id = models.BigIntegerField()  # the consent decision under which it was made
    model = models.CharField(max_length=60)
    model_version = models.CharField(max_length=40)
    model_sha256 = models.CharField(max_length=64)
    begins = models.FloatField()  # seconds from the beginning of the call
    ends = models.FloatField()
    scales = models.JSONField(default=dict)  # smoothed chances 0…1: arousal, stress, anger, sadness, pleasure
    changes = models.JSONField(default=list)  # what is heard that is unlike the caller's own beginning, in words
    reason = models.CharField(max_length=30, blank=True)  # affect.Reason of an abstention
    created_at = models.DateTimeField()

    class Meta:
        db_table = "readings_tone"
        constraints = [
            models.UniqueConstraint(fields=["conversation", "model", "begins"], name="tone_once"),
            models.CheckConstraint(condition=Q(subject_kind="customer"), name="tone_customers_only"),
            models.CheckConstraint(condition=Q(ends__gt=models.F("begins")), name="tone_has_a_length"),
        ]
        indexes = [models.Index(fields=["conversation", "begins"], name="tone_in_conversation")]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.begins:.0f}–{self.ends:.0f} s"


class VoiceBaseline(models.Model):
    """How far a contact's calm voice lies from that of most people, as heard in earlier calls: two numbers, kept only
    while the contact permits it (voice for baseline). Nobody can be told by them.
    """

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="voice_baselines")
    consent_id = models.BigIntegerField()
    model = models.CharField(max_length=60)  # name and version: other weights know nothing of these numbers
    arousal = models.FloatField()  # logits
    stress = models.FloatField()
    seconds = models.FloatField()  # of calm speech that say so
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "readings_voice_baseline"
        constraints = [models.UniqueConstraint(fields=["contact"], name="voice_baseline_once")]

    def __str__(self) -> str:
        return f"usual voice of {self.contact_id}"


class Correction(models.Model):
    """A person's word against a reading: it replaces the reading in every trajectory, state and statistic."""

    id = IdField(prefix="cor")
    reading = models.OneToOneField(StoredReading, on_delete=models.CASCADE, related_name="correction")
    cx = models.CharField(max_length=20)  # the CX category that it reads as, in this person's judgement
    note = models.TextField(blank=True)
    by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.reading_id}: {self.cx}"


class ConversationTrajectory(models.Model):
    """How the readings of one conversation move: `affect.trajectory.Trajectory` as JSON, with what is sorted by."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, primary_key=True, related_name="trajectory"
    )
    direction = models.CharField(max_length=10, default="steady")
    level = models.FloatField(default=0.0)
    slope = models.FloatField(default=0.0)
    ends_badly = models.FloatField(default=0.0)
    numbers = models.JSONField(default=dict)
    embedding = models.BinaryField(null=True)  # mean of the customer's messages, float16
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "readings_trajectory"

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.direction}"


class ContactBaseline(models.Model):
    """What is usual for a contact: `affect.baseline` sums as JSON."""

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, primary_key=True, related_name="baseline")
    numbers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"usual for {self.contact_id}"


class ChannelBaseline(models.Model):
    """What is usual on a channel: `affect.baseline` sums as JSON."""

    channel = models.CharField(max_length=10, choices=Channel.choices, primary_key=True)
    numbers = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"usual on {self.channel}"


class ContactState(models.Model):
    """What is currently known of a contact in one area: decayed sums (`affect.state`) as JSON; recomputable."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="states")
    area = models.CharField(max_length=10, choices=Area.choices)
    numbers = models.JSONField(default=dict)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "area"], name="state_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.area}"
