"""Looking into a mailbox. What was taken in is known by UIDs (RFC 3501), so nothing in the mailbox is changed."""

import imaplib
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from unspoken.connectors.base import Fetched, source_of
from unspoken.conversations.models import Inbox, Message
from unspoken.intake.inbound import Inbound
from unspoken.staff.models import Member

from .connecting import mailbox
from .conversion import Mailbox, inbound_of, mail_of
from .mime import Mail
from .threads import ancestors, conversations_of, our_id, thread_of

AT_ONCE = 20
"""Mails that are taken in together; the position moves on after each lot."""

LARGEST = 12 * 1024 * 1024
"""Bytes of a mail that are fetched: large attachments end there, and the text comes before them."""

_WINDOW = 50_000  # UIDs asked for at once: the answer is one line, whose length imaplib limits
_AGAIN = timedelta(days=2)  # how far back is looked when a mailbox was made anew and its UIDs say nothing
_DATE = re.compile(rb'INTERNALDATE "([^"]{10,40})"')

logger = logging.getLogger(__name__)
State = Mapping[str, Any]


def poll(inbox: Inbox, state: State, *, now: datetime) -> Iterator[Fetched]:
    """Yield the mails that came since `state`, oldest first, with the state after each lot."""
    with mailbox(inbox.settings) as connection:
        validity, following = _number(connection, "UIDVALIDITY"), _number(connection, "UIDNEXT")
        uids = _new(connection, inbox, state, validity, following)
        for begin in range(0, len(uids), AT_ONCE):
            some = uids[begin : begin + AT_ONCE]
            messages, ignored = _take(connection, inbox, some, now)
            yield Fetched(messages, _unfinished(state, validity, some[-1], now), ignored)
        last_uid = max(following - 1, *uids[-1:], 0)
        yield Fetched((), {"uidvalidity": validity, "last_uid": last_uid, "day": now.date().isoformat()})


def _new(connection: imaplib.IMAP4, inbox: Inbox, state: State, validity: int, following: int) -> list[int]:
    """Return the UIDs to fetch, ascending."""
    if not state:
        return _search(connection, 1, following) if inbox.settings.get("existing") else []
    if state["uidvalidity"] == validity:
        return _search(connection, state["last_uid"] + 1, following)
    since = date.fromisoformat(state["day"]) - _AGAIN
    logger.warning("The mailbox of %s was made anew; its mails since %s are compared.", inbox.pk, since)
    found = _search(connection, 1, following, f"SINCE {_imap_date(since)}")
    return [uid for uid in found if uid > state.get("compared", 0)]


def _unfinished(state: State, validity: int, last: int, now: datetime) -> dict[str, Any]:
    """Return the state after a lot; while a mailbox made anew is compared, a restart goes on with that."""
    if state and state["uidvalidity"] != validity:
        return {**state, "compared": last}
    return {"uidvalidity": validity, "last_uid": last, "day": now.date().isoformat()}


def _search(connection: imaplib.IMAP4, first: int, following: int, *criteria: str) -> list[int]:
    found: list[int] = []
    for begin in range(first, following, _WINDOW):
        end = min(begin + _WINDOW, following) - 1
        _, [said, *_] = connection.uid("SEARCH", "UID", f"{begin}:{end}", *criteria)
        found += [uid for uid in map(int, (said or b"").split()) if begin <= uid <= end]
    return sorted(found)


def _take(
    connection: imaplib.IMAP4, inbox: Inbox, uids: list[int], now: datetime
) -> tuple[tuple[Inbound, ...], tuple[str, ...]]:
    """Fetch and convert some mails; one that cannot be converted stays in the mailbox, and is reported."""
    fetched: list[tuple[Mail, datetime]] = []
    ignored: list[str] = []
    for uid in uids:
        raw, arrived_at = _fetch(connection, uid, now)
        try:
            if raw:
                fetched.append((mail_of(raw), min(arrived_at, now)))
        except Exception:
            logger.exception("The mail with UID %d in the mailbox of %s cannot be read and stays there.", uid, inbox.pk)
            ignored.append(f"UID {uid}: it cannot be read, and stays in the mailbox")
    ours = _sent_from_here(mail for mail, _ in fetched)
    ignored += [f"{mail.message_id}: it was sent from here" for mail, _ in fetched if mail.message_id in ours]
    return tuple(_converted([one for one in fetched if one[0].message_id not in ours], inbox)), tuple(ignored)


def _fetch(connection: imaplib.IMAP4, uid: int, now: datetime) -> tuple[bytes, datetime]:
    """Return the beginning of a mail (b'' if it is gone) and when it arrived; it is not marked as read."""
    _, data = connection.uid("FETCH", str(uid), f"(UID INTERNALDATE BODY.PEEK[]<0.{LARGEST}>)")
    for part in data:
        if isinstance(part, tuple):
            arrived = _DATE.search(part[0])
            return part[1], _arrived_at(arrived[1].decode("ascii", "replace")) or now if arrived else now
    return b"", now


def _converted(fetched: list[tuple[Mail, datetime]], inbox: Inbox) -> Iterator[Inbound]:
    box = _mailbox_of(inbox)
    known = dict(conversations_of((one for mail, _ in fetched for one in ancestors(mail)), source=box.source))
    for mail, arrived_at in fetched:
        known[mail.message_id] = thread_of(mail, known)  # for those after it in this lot
        yield inbound_of(mail, box, known=known, arrived_at=arrived_at)


def _mailbox_of(inbox: Inbox) -> Mailbox:
    settings = inbox.settings
    own = {settings["address"].lower(), *(alias.lower() for alias in settings.get("aliases") or ())}
    members = frozenset(Member.objects.values_list("email", flat=True))
    is_group = bool(settings.get("is_group"))
    return Mailbox(source=source_of(inbox), inbox=inbox.name, own=frozenset(own), members=members, is_group=is_group)


def _sent_from_here(mails: Iterator[Mail]) -> set[str]:
    """Return the ids of mails that are copies of our own answers: those are stored already."""
    ours = {our: mail.message_id for mail in mails if (our := our_id(mail.message_id))}
    return {ours[pk] for pk in Message.objects.filter(pk__in=ours).values_list("pk", flat=True)} if ours else set()


def _number(connection: imaplib.IMAP4, name: str) -> int:
    _, [value, *_] = connection.response(name)
    return int(value or 1)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _imap_date(day: date) -> str:
    return f"{day.day:02}-{_MONTHS[day.month - 1]}-{day.year}"


def _arrived_at(value: str) -> datetime | None:
    try:
        return datetime.strptime(value.strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return None
