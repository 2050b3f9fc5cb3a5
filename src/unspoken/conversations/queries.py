"""Reads of conversations. Everything begins with `visible_conversations`: what a member may not see is not there."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from unspoken.kit.keyset import Page, decode, newest_first, ordered, page_of
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, may
from unspoken.staff.sight import in_sight

from .models import CannedReply, Conversation, Inbox, Label, Message, Status
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
    rows = visible_conversations(member).filter(status=status)
    rows = _narrowed(rows, inbox=inbox, assignee=assignee, label=label)
    after = decode(cursor, length=len(_QUEUE))
    if may(member, Permission.SEE_MESSAGES) and not member.sees_all_teams and not assignee:
        found = _merged_from_teams(rows, member, after, limit + 1)
    else:
        found = list(_shown(ordered(rows, keys=_QUEUE, after=after))[: limit + 1])
    return page_of(found, keys=_QUEUE, limit=limit)


def recent_conversations(
    member: Member, *, contact: str | None = None, status: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Conversation]:
    """Return conversations by their newest message, newest first, of one contact (an id) or of all."""
    rows = visible_conversations(member)
    if contact is not None:
        rows = rows.filter(contact=contact)
    if status is not None:
        rows = rows.filter(status=status)
    return newest_first(_shown(rows), keys=_RECENT, cursor=cursor, limit=limit)


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
    """Count what is open to `member`: five queries, each bounded."""
    seen = visible_conversations(member)
    open_ = seen.filter(status=Status.OPEN)
    return Counters(
        open=_up_to_many(open_),
        mine=_up_to_many(open_.filter(assignee=member)),
        unassigned=_up_to_many(open_.filter(assignee=None)),
        waiting=_up_to_many(seen.filter(status=Status.WAITING)),
        snoozed=_up_to_many(seen.filter(status=Status.SNOOZED)),
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
    rows: QuerySet[Conversation], member: Member, after: list[object] | None, count: int
) -> list[Conversation]:
    """Take the head of each team's queue and merge them, so that a small team's page never walks over others' rows."""
    lanes = [Q(team=None), *(Q(team=team_id) for team_id in member.teams.values_list("pk", flat=True))]
    heads = [
        Conversation.objects.filter(pk__in=ordered(rows.filter(lane), keys=_QUEUE, after=after).values("pk")[:count])
        for lane in lanes
    ]
    keys = [head.values_list("attention", "last_message_at", "pk") for head in heads]
    merged = keys[0].union(*keys[1:], all=True).order_by("-attention", "-last_message_at", "-pk")[:count]
    chosen = [pk for _, _, pk in merged]
    shown = _shown(Conversation.objects.filter(pk__in=chosen))
    return sorted(shown, key=lambda row: (row.attention, row.last_message_at, row.pk), reverse=True)


def _shown(rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    return rows.select_related("inbox", "contact", "team", "assignee").prefetch_related("labels")


def _up_to_many(rows: QuerySet[Conversation]) -> int:
    return rows.order_by()[:MANY].count()
