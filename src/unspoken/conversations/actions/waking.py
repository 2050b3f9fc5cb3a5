"""Snoozed conversations open again when their time has come."""

from datetime import datetime

from django.db import connection, transaction

from unspoken.staff.models import Member

from ..models import Conversation, Status
from .changing import save

_AT_ONCE = 200


def wake_snoozed(now: datetime) -> int:
    """Open every conversation whose snooze is over; return how many."""
    woken = 0
    while count := _wake_some(now):
        woken += count
    return woken


@transaction.atomic
def _wake_some(now: datetime) -> int:
    due = Conversation.objects.filter(status=Status.SNOOZED, snoozed_until__lte=now).order_by("snoozed_until")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    nobody: Member | None = None
    some = list(due[:_AT_ONCE])
    for conversation in some:
        conversation.status, conversation.snoozed_until = Status.OPEN, None
        save(conversation, "status", fields=["status", "snoozed_until"], by=nobody, now=now)
    return len(some)
