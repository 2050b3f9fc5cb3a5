"""Rules and the flags that they raised."""

from django.db import models
from django.db.models import Q

from unspoken.conversations.models import Conversation, Message
from unspoken.kit.constraints import one_of
from unspoken.kit.ids import IdField
from unspoken.people.models import Contact
from unspoken.staff.models import Member, Team


class RulePurpose(models.TextChoices):
    """What a rule may be for. Negative emotion may never serve marketing, pricing or ranking of people."""

    SERVICE = "service", "Help this customer now"
    SAFETY = "safety", "Keep somebody from harm"
    GRATITUDE = "gratitude", "Thank a delighted customer"
    MARKETING = "marketing", "Marketing"  # only on positive or neutral readings; refused otherwise


class Rule(models.Model):
    """`condition` is typed data (flags/conditions.py); `version` grows with each change of it."""

    id = IdField(prefix="rule")
    name = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    purpose = models.CharField(max_length=12, choices=RulePurpose.choices, default=RulePurpose.SERVICE)
    condition = models.JSONField()
    enabled = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    cooldown_seconds = models.PositiveIntegerField(default=1800)
    urgent = models.BooleanField(default=False)  # may interrupt in quiet hours
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="rules")
    created_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [one_of("purpose", RulePurpose, app="rule")]

    def __str__(self) -> str:
        return self.title


class FlagStatus(models.TextChoices):
    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Resolved"
    WRONG = "wrong", "Wrong"
    NOT_HELPFUL = "not_helpful", "Not helpful"


class Held(models.TextChoices):
    """Why a flag was kept quiet: it is listed, but interrupts nobody."""

    NO = "", "Not held"
    BUDGET = "budget", "Alert budget used up"
    QUIET = "quiet_hours", "Quiet hours"


class Flag(models.Model):
    """Something that needs a person's attention now. At most one per rule × turn."""

    id = IdField(prefix="flag")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="flags")
    rule_version = models.PositiveIntegerField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="flags")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="flags")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="flags")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="flags")
    status = models.CharField(max_length=12, choices=FlagStatus.choices, default=FlagStatus.OPEN)
    held = models.CharField(max_length=12, choices=Held.choices, default=Held.NO, blank=True)
    evidence = models.JSONField(default=dict)  # what the rule saw, with the messages and spans it rests on
    counterfactual = models.JSONField(default=list)  # what would have made it not a flag, one sentence each
    snoozed_until = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="decided_flags"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    raised_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "message"], name="flag_once"),
            one_of("status", FlagStatus, app="flag"),
        ]
        indexes = [
            models.Index(fields=["raised_at"], name="flag_open", condition=Q(status="open")),
            models.Index(fields=["team", "status", "-raised_at"], name="flag_team"),
            models.Index(fields=["conversation", "-raised_at"], name="flag_conversation"),
            models.Index(fields=["rule", "status"], name="flag_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.conversation_id}"
