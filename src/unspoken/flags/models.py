"""Rules and the flags that they raised."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from unspoken.conversations.models import Conversation, Message
from unspoken.flags.conditions import parse
from unspoken.flags.purposes import NEGATIVE_ALLOWED, asks_for_negative, check_purpose
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


class Rules(models.QuerySet["Rule"]):
    """Every way of writing a rule passes the check of its purpose; ways that cannot are closed."""

    def bulk_create(self, objs: Iterable["Rule"], *args: Any, **options: Any) -> list["Rule"]:
        rules = list(objs)
        for rule in rules:
            rule.check_purpose()
        return super().bulk_create(rules, *args, **options)

    def update(self, **values: Any) -> int:
        _refuse_unchecked(values)
        return super().update(**values)

    def bulk_update(self, objs: Iterable["Rule"], fields: Iterable[str], *args: Any, **options: Any) -> int:
        names = list(fields)
        _refuse_unchecked(names)
        return super().bulk_update(objs, names, *args, **options)


def _refuse_unchecked(names: Iterable[str]) -> None:
    if not {"condition", "purpose", "asks_for_negative"}.isdisjoint(names):
        raise TypeError("A rule's condition and purpose are checked when it is saved: use save_rule.")


class Rule(models.Model):
    """`condition` is typed data (flags/conditions.py); `version` grows with each change of it.

    `asks_for_negative` follows from the condition; the database refuses it beside a purpose that does not allow it.
    """

    id = IdField(prefix="rule")
    name = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    purpose = models.CharField(max_length=12, choices=RulePurpose.choices, default=RulePurpose.SERVICE)
    condition = models.JSONField()
    asks_for_negative = models.BooleanField(default=False, editable=False)
    enabled = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    cooldown_seconds = models.PositiveIntegerField(default=1800)
    urgent = models.BooleanField(default=False)  # may interrupt in quiet hours
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="rules")
    created_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Rule"]] = models.Manager.from_queryset(Rules)()

    class Meta:
        constraints = [
            one_of("purpose", RulePurpose, app="rule"),
            models.CheckConstraint(
                condition=Q(asks_for_negative=False) | Q(purpose__in=list(NEGATIVE_ALLOWED)),
                name="rule_negative_emotion_only_serves",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **options: Any) -> None:
        self.check_purpose()
        if options.get("update_fields") is not None:
            options["update_fields"] = {*options["update_fields"], "asks_for_negative"}
        super().save(*args, **options)

    def check_purpose(self) -> None:
        """Raise ConditionError or PurposeError for a rule that may not be; note if it asks for the negative."""
        condition = parse(self.condition)
        check_purpose(self.purpose, condition)
        self.asks_for_negative = bool(asks_for_negative(condition))


class FlagStatus(models.TextChoices):
    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Resolved"
    WRONG = "wrong", "Wrong"
    NOT_HELPFUL = "not_helpful", "Not helpful"


UNFINISHED = (FlagStatus.OPEN, FlagStatus.ACCEPTED, FlagStatus.SNOOZED)
REFUSED = (FlagStatus.WRONG, FlagStatus.NOT_HELPFUL)


class Held(models.TextChoices):
    """Why a flag was kept quiet: it is listed, but interrupts nobody."""

    NO = "", "Not held"
    BUDGET = "budget", "Alert budget used up"
    QUIET = "quiet_hours", "Quiet hours"


class Flag(models.Model):
    """Something that needs a person's attention now.

    At most one per rule × turn, and one unfinished per rule × conversation. `member` is who was assigned when it was
    raised: it counts against that member's alert budget.
    """

    id = IdField(prefix="flag")
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="flags")
    rule_version = models.PositiveIntegerField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="flags")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="flags")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.CASCADE, related_name="flags")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="flags")
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts")
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
            models.UniqueConstraint(
                fields=["rule", "conversation"], name="flag_one_unfinished", condition=Q(status__in=list(UNFINISHED))
            ),
            one_of("status", FlagStatus, app="flag"),
        ]
        indexes = [
            models.Index(fields=["raised_at"], name="flag_open", condition=Q(status="open")),
            models.Index(fields=["team", "status", "-raised_at"], name="flag_team"),
            models.Index(fields=["conversation", "-raised_at"], name="flag_conversation"),
            models.Index(fields=["rule", "status"], name="flag_rule"),
            models.Index(fields=["team", "-raised_at"], name="flag_team_alerts", condition=Q(held="")),
            models.Index(fields=["member", "-raised_at"], name="flag_member_alerts", condition=Q(held="")),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} on {self.conversation_id}"

    @property
    def is_unfinished(self) -> bool:
        """Whether a person still has to do something about it."""
        return self.status in UNFINISHED
