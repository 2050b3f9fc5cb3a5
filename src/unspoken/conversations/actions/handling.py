"""Who looks after a conversation, and where it stands."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.kit.validation import check_text
from unspoken.staff.models import Member, Team
from unspoken.staff.permissions import Permission, may

from ..models import Conversation, Label, Status
from .changing import hold, save
from .unanswered import unanswered_since

_LONGEST_LABEL = 60


@transaction.atomic
def assign(conversation: Conversation, *, assignee: Member | None, now: datetime, by: Member | None = None) -> None:
    """Hand a conversation to a member, or to nobody; raises ValidationError when they could not see or answer it."""
    hold(conversation, by=by, permission=Permission.CHANGE_CONVERSATIONS)
    if assignee is not None and not _can_look_after(assignee, conversation.team_id):
        raise ValidationError(
            f"{assignee.name} cannot look after this conversation: it needs an active member of its team who may "
            f"reply. Nothing was changed; add them to the team or move the conversation first.",
            code="assignee",
        )
    if conversation.assignee_id != (assignee.pk if assignee else None):
        conversation.assignee = assignee
        save(conversation, "assignee", fields=["assignee"], by=by, now=now)


@transaction.atomic
def move_to_team(conversation: Conversation, *, team: Team | None, now: datetime, by: Member | None = None) -> None:
    """Move a conversation to a team (None: open to all); an assignee who would not see it there is taken off."""
    hold(conversation, by=by, permission=Permission.CHANGE_CONVERSATIONS)
    if conversation.team_id == (team.pk if team else None):
        return
    conversation.team = team
    if conversation.assignee and not _can_look_after(conversation.assignee, conversation.team_id):
        conversation.assignee = None
    save(conversation, "team", fields=["team", "assignee"], by=by, now=now)


def _can_look_after(member: Member, team_id: str | None) -> bool:
    if not may(member, Permission.REPLY):
        return False
    return team_id is None or member.sees_all_teams or member.teams.filter(pk=team_id).exists()


@transaction.atomic
def set_status(
    conversation: Conversation,
    *,
    status: Status,
    now: datetime,
    snoozed_until: datetime | None = None,
    by: Member | None = None,
) -> None:
    """Move a conversation to `status`; snoozing needs a later moment at which it opens again (ValidationError)."""
    status = Status(status)
    if status == Status.SNOOZED and (snoozed_until is None or snoozed_until <= now):
        raise ValidationError("Snoozing needs a moment that is still to come. Nothing was changed.", code="until")
    hold(conversation, by=by, permission=Permission.CHANGE_CONVERSATIONS)
    until = snoozed_until if status == Status.SNOOZED else None
    if (conversation.status, conversation.snoozed_until) == (status, until):
        return
    conversation.status, conversation.snoozed_until = status, until
    conversation.resolved_at = now if status == Status.RESOLVED else None
    answered = status in {Status.WAITING, Status.RESOLVED}
    conversation.waiting_since = None if answered else conversation.waiting_since or unanswered_since(conversation)
    save(
        conversation, "status", fields=["status", "snoozed_until", "resolved_at", "waiting_since"], by=by, now=now
    )  # fmt: skip


@transaction.atomic
def set_labels(conversation: Conversation, *, labels: Iterable[str], now: datetime, by: Member | None = None) -> None:
    """Give a conversation exactly these labels, by name (1…60 characters); unknown ones are made."""
    hold(conversation, by=by, permission=Permission.CHANGE_CONVERSATIONS)
    wanted = {label.strip() for label in labels}
    if wrong := sorted(name for name in wanted if not 0 < len(name) <= _LONGEST_LABEL):
        raise ValidationError(f"{wrong[0]!r} is no label: use 1 to {_LONGEST_LABEL} characters.", code="label")
    for name in wanted:
        check_text(name, field="labels")
    if wanted == set(conversation.labels.values_list("name", flat=True)):
        return
    Label.objects.bulk_create((Label(name=name) for name in sorted(wanted)), ignore_conflicts=True)
    conversation.labels.set(Label.objects.filter(name__in=wanted))
    save(conversation, "labels", fields=[], by=by, now=now)
