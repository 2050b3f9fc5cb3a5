"""Inboxes: the doors through which messages come, and the connector that answers through them."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from unspoken.journal.actions import record
from unspoken.kit.validation import check_row, check_text
from unspoken.people.models import Channel
from unspoken.staff.models import Member, Team
from unspoken.staff.permissions import Permission, require

from ..events import InboxChanged
from ..models import Inbox


@transaction.atomic
def create_inbox(
    name: str,
    *,
    channel: Channel,
    now: datetime,
    connector: str = "",
    settings: dict[str, Any] | None = None,
    team: Team | None = None,
    by: Member | None = None,
) -> Inbox:
    """Make an inbox; its conversations start in `team`. Raises ValidationError when the name is blank or taken."""
    require(by, Permission.EDIT_INBOXES)
    inbox = Inbox(
        name=_free_name(name), channel=Channel(channel), connector=connector, settings=settings or {}, team=team,
        created_at=now,
    )  # fmt: skip
    check_row(inbox)
    inbox.save(force_insert=True)
    _record(inbox, "created", by, now)
    return inbox


@transaction.atomic
def update_inbox(
    inbox: Inbox,
    *,
    name: str,
    connector: str,
    settings: dict[str, Any],
    team: Team | None,
    is_active: bool,
    now: datetime,
    by: Member | None = None,
) -> None:
    """Change an inbox; conversations that it already has stay in their teams."""
    require(by, Permission.EDIT_INBOXES)
    inbox.name = _free_name(name, of=inbox)
    inbox.connector, inbox.settings, inbox.team, inbox.is_active = connector, settings, team, is_active
    check_row(inbox)
    inbox.save()
    _record(inbox, "changed", by, now)


def _free_name(name: str, *, of: Inbox | None = None) -> str:
    name = name.strip()
    check_text(name, field="name")
    if not name:
        raise ValidationError("An inbox needs a name. Nothing was changed.", code="blank")
    if Inbox.objects.filter(name=name).exclude(pk=of.pk if of else None).exists():
        raise ValidationError(f"There is an inbox {name} already. Nothing was changed.", code="taken")
    return name


def _record(inbox: Inbox, what: str, by: Member | None, now: datetime) -> None:
    event = InboxChanged(inbox_id=inbox.pk, what=what, team_id=inbox.team_id or "", actor=by.pk if by else "")
    record(event, now=now)
