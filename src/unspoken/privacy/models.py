"""Consent decisions: append-only; the newest per contact × modality × purpose holds, and its id is the epoch."""

from django.db import models

from unspoken.kit.constraints import one_of
from unspoken.people.models import Contact
from unspoken.staff.models import Member


class Modality(models.TextChoices):
    TEXT = "text", "Written words"
    VOICE = "voice", "Tone of voice"
    FACE = "face", "Facial expression"
    PHYSIOLOGY = "physiology", "Wearable signals"


class Purpose(models.TextChoices):
    SERVICE = "service", "Help this customer"
    INSIGHTS = "insights", "Patterns over many customers"
    BASELINE = "baseline", "Remember what is usual for this customer"
    RECORDING = "recording", "Keep the recording"


class Decision(models.TextChoices):
    GIVEN = "given", "Given"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ConsentDecision(models.Model):
    """What a contact decided. Never changed, never deleted but by erasure. Only `given` permits."""

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="consents")
    modality = models.CharField(max_length=12, choices=Modality.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    notice = models.CharField(max_length=60, blank=True)  # version of the notice that was shown
    source = models.CharField(max_length=120, blank=True)  # where it was said: web form, import, API, portal
    basis = models.TextField(blank=True)  # what an import states about the ground of what it brings
    decided_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        indexes = [models.Index(fields=["contact", "modality", "purpose", "-id"], name="consent_current")]
        constraints = [
            one_of("modality", Modality, app="consent"),
            one_of("purpose", Purpose, app="consent"),
            one_of("decision", Decision, app="consent"),
        ]

    def __str__(self) -> str:
        return f"{self.modality} for {self.purpose}: {self.decision}"
