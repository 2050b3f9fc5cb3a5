"""What a person says of a flag, and flags that come back when their snooze is over."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.flags.events import FlagDecided
from unspoken.flags.models import UNFINISHED, Flag, FlagStatus
from unspoken.flags.queries import visible_flags
from unspoken.journal.actions import record, record_all
from unspoken.kit.validation import check_text
from unspoken.staff.models import Member
from unspoken.staff.permissions import NotAllowed, Permission, require

DECISIONS = (
    FlagStatus.ACCEPTED, FlagStatus.SNOOZED, FlagStatus.RESOLVED, FlagStatus.WRONG, FlagStatus.NOT_HELPFUL,
)  # fmt: skip
_AT_ONCE = 500


def decide_flag(
    flag: Flag,
    *,
    status: FlagStatus | str,
    by: Member,
    now: datetime,
    reason: str = "",
    snoozed_until: datetime | None = None,
) -> Flag:
    """Accept, snooze until a later time, resolve, or refuse a flag as wrong or (with a reason) not helpful.

    A decision may be changed later. Raises ValidationError (code `status`, `reason`, `until`, `taken`) for one that
    cannot be taken, and NotAllowed for a member who may not decide or may not see the conversation.
    """
    require(by, Permission.DECIDE_FLAGS)
    check_text(reason, field="reason")
    chosen = _check(status, reason=reason.strip(), snoozed_until=snoozed_until, now=now)
    with transaction.atomic():
        kept = visible_flags(by).filter(pk=flag.pk).select_for_update(of=("self",)).first()
        if kept is None:
            raise NotAllowed("This flag does not exist or is not open to you. Nothing was changed.")
        if chosen in UNFINISHED and kept.status not in UNFINISHED and _taken(kept):
            raise ValidationError("A newer flag of this rule is open here; decide on that one.", code="taken")
        kept.status, kept.reason = chosen, reason.strip()
        kept.snoozed_until = snoozed_until if chosen == FlagStatus.SNOOZED else None
        kept.decided_by, kept.decided_at = by, now
        kept.save(update_fields=["status", "reason", "snoozed_until", "decided_by", "decided_at"])
        record(_decided(kept, actor=by.pk), now=now)
    return kept


def wake_snoozed_flags(now: datetime) -> int:
    """Open the flags whose snooze is over; return how many."""
    woken = 0
    while True:
        with transaction.atomic():
            due = Flag.objects.filter(status=FlagStatus.SNOOZED, snoozed_until__lte=now).order_by("snoozed_until", "id")
            flags = list(due.select_for_update(skip_locked=True, of=("self",))[:_AT_ONCE])
            for flag in flags:
                flag.status, flag.snoozed_until = FlagStatus.OPEN, None
            Flag.objects.bulk_update(flags, ["status", "snoozed_until"])
            record_all([_decided(flag) for flag in flags], now=now)
        woken += len(flags)
        if len(flags) < _AT_ONCE:
            return woken


def _check(status: str, *, reason: str, snoozed_until: datetime | None, now: datetime) -> FlagStatus:
    if status not in DECISIONS:
        raise ValidationError(f"{status!r} is no decision; one of: {', '.join(DECISIONS)}.", code="status")
    if status == FlagStatus.NOT_HELPFUL and not reason:
        raise ValidationError("Say in a word why it was not helpful: so the rule can get better.", code="reason")
    if status == FlagStatus.SNOOZED and (snoozed_until is None or snoozed_until <= now):
        raise ValidationError("Snoozing needs a moment that is still to come. Nothing was changed.", code="until")
    return FlagStatus(status)


def _taken(flag: Flag) -> bool:
    others = Flag.objects.filter(rule_id=flag.rule_id, conversation_id=flag.conversation_id, status__in=UNFINISHED)
    return others.exclude(pk=flag.pk).exists()


def _decided(flag: Flag, *, actor: str = "") -> FlagDecided:
    return FlagDecided(
        flag_id=flag.pk, status=flag.status, actor=actor, conversation_id=flag.conversation_id,
        contact_id=flag.contact_id or "", team_id=flag.team_id or "",
    )  # fmt: skip
