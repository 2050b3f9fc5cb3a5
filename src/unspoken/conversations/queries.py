"""Reads of conversations. Everything begins with `visible_conversations`: what a member may not see is not there."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from unspoken.kit.keyset import Page, decode, newest_first, ordered, page_of
from unspoken.staff.models import Member
from unspoken.staff.sight import in_sight, teams_in_sight

from .models import Author, CannedReply, Conversation, Inbox, Label, Message, Status
from .placeholders import filled

NOBODY = "nobody"
"""As `assignee` of a queue: conversations that nobody looks after."""
MANY = 1000
"""Counters stop here, so that they cost the same however much there is; show it as "999+"."""
_QUEUE = ("attention", "last_message_at", "pk")
_RECENT = ("last_message_at", "pk")
_IN_ORDER = ("occurred_at", "pk")


def visible_conversations(member: Member) -> QuerySet[Conversation]:
    """Return the conversations that `member` may see (the rule of sight is `staff.sight`)."""
    return Conversation.objects.filter(in_sight(member))


def conversation_for(member: Member, conversation_id: str) -> Conversation:
    """Return one conversation with what its page shows around the messages; raises DoesNotExist out of sight."""
    rows = visible_conversations(member).select_related("inbox", "team", "assignee", "contact__organisation")
    return rows.prefetch_related("labels").get(pk=conversation_id)


def spoken_at(conversation: Conversation) -> dict[str, tuple[float, float]]:
    """Return by id when (seconds from its beginning) each of the customer's segments of a call was spoken."""
    rows = Message.objects.filter(conversation=conversation, author_kind=Author.CUSTOMER, private=False)
    found = rows.values_list("id", "metadata__begins", "metadata__ends")
    return {one: (begins, ends) for one, begins, ends in found if begins is not None and ends is not None}


def attention_queue(
    member: Member,
    *,
    status: str = Status.OPEN,
    inbox: str | None = None,
    assignee: str | None = None,
    label: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Conversation]:
    """Return conversations of one status by worsening: most attention first, then the newest.

    `inbox` and `assignee` are ids (NOBODY: unassigned), `label` a name. Raises BadCursor.
    """
    after = decode(cursor, length=len(_QUEUE))
    rows = _narrowed(Conversation.objects.filter(status=status), inbox=inbox, assignee=assignee, label=label)
    if member.sees_all_teams or assignee not in {None, NOBODY}:  # one member looks after few, whatever the team
        found = list(_shown(ordered(rows.filter(in_sight(member)), keys=_QUEUE, after=after))[: limit + 1])
    else:
        found = _merged_from_teams(rows, member, keys=_QUEUE, after=after, count=limit + 1)
    return page_of(found, keys=_QUEUE, limit=limit)


def recent_conversations(
    member: Member, *, contact: str | None = None, status: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Conversation]:
    """Return conversations by their newest message, newest first, of one contact (an id) or of all."""
    after = decode(cursor, length=len(_RECENT))
    rows = Conversation.objects.filter(status=status) if status else Conversation.objects.all()
    if contact is not None:
        rows = rows.filter(in_sight(member), contact=contact)
        found = list(_shown(ordered(rows, keys=_RECENT, after=after))[: limit + 1])
    else:
        found = _merged_from_teams(rows, member, keys=_RECENT, after=after, count=limit + 1)
    return page_of(found, keys=_RECENT, limit=limit)


def messages_of(conversation: Conversation, *, before: str | None = None, limit: int = 100) -> Page[Message]:
    """Return the newest `limit` messages before the cursor, oldest first; `next_cursor` leads to earlier ones.

    Private notes are among them: this is for staff, after the conversation was found in sight.
    """
    page = newest_first(
        conversation.messages.select_related("member"), keys=_IN_ORDER, cursor=before, limit=limit
    )  # fmt: skip
    return Page(page.items[::-1], page.next_cursor)


@dataclass(frozen=True, slots=True)
class Counters:
    """How many conversations a member has before them, each at most MANY."""

    open: int
    mine: int
    unassigned: int
    waiting: int
    snoozed: int


def counters(member: Member) -> Counters:
    """Count what is open to `member`, in a constant number of queries, each bounded."""
    rows = Conversation.objects.all()
    if member.sees_all_teams:
        parts = [rows]
    else:  # rows of no team apart, so that each part walks the index of teams
        seen = teams_in_sight(member)
        parts = [rows.filter(team=None), rows.filter(team__in=seen[1:])] if seen else []

    def count(**wanted: object) -> int:
        return min(sum(_up_to_many(part.filter(**wanted)) for part in parts), MANY)

    return Counters(
        open=count(status=Status.OPEN),
        mine=_up_to_many(visible_conversations(member).filter(status=Status.OPEN, assignee=member)),
        unassigned=count(status=Status.OPEN, assignee=None),
        waiting=count(status=Status.WAITING),
        snoozed=count(status=Status.SNOOZED),
    )


def canned_replies() -> QuerySet[CannedReply]:
    """Return all canned replies, by title."""
    return CannedReply.objects.order_by("title")


def canned_text(canned: CannedReply, *, conversation: Conversation, by: Member) -> str:
    """Return a canned reply as `by` would send it in `conversation`; a nameless contact is greeted as "there"."""
    name = conversation.contact.name if conversation.contact else ""
    return filled(canned.text, {"contact_name": name.strip() or "there", "agent_name": by.name})


def active_inboxes(member: Member) -> QuerySet[Inbox]:
    """Return the inboxes in use whose conversations start where `member` sees them, by name."""
    return Inbox.objects.filter(in_sight(member), is_active=True).order_by("name")


def labels() -> QuerySet[Label]:
    """Return all labels, by name."""
    return Label.objects.order_by("name")


def _narrowed(
    rows: QuerySet[Conversation], *, inbox: str | None, assignee: str | None, label: str | None
) -> QuerySet[Conversation]:
    if inbox:
        rows = rows.filter(inbox=inbox)
    if assignee:
        rows = rows.filter(assignee=None if assignee == NOBODY else assignee)
    if label:
        rows = rows.filter(labels__name=label)
    return rows


def _merged_from_teams(
    rows: QuerySet[Conversation], member: Member, *, keys: Sequence[str], after: Sequence[object] | None, count: int
) -> list[Conversation]:
    """Take the head of each visible team's list and merge them, so that no team's page walks over others' rows."""
    heads = [
        Conversation.objects.filter(pk__in=ordered(rows.filter(team=team), keys=keys, after=after).values("pk")[:count])
        for team in teams_in_sight(member)
    ]
    if not heads:
        return []
    found = [head.values_list(*keys) for head in heads]
    merged = found[0].union(*found[1:], all=True).order_by(*(f"-{key}" for key in keys))[:count]
    shown = _shown(Conversation.objects.filter(pk__in=[row[-1] for row in merged]))
    return sorted(shown, key=lambda row: [getattr(row, key) for key in keys], reverse=True)


def _shown(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    return rows.select_related("inbox", "contact", "team", "assignee").prefetch_related("labels")


def _up_to_many(rows: QuerySet[Conversation]) -> int:
    return rows.order_by()[:MANY].count()
