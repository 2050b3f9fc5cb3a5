"""The home page: conversations by worsening, each with one quiet line that says why."""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from unspoken.conversations.models import Conversation, Status
from unspoken.conversations.queries import NOBODY, active_inboxes, attention_queue, counters, labels
from unspoken.flags.models import Flag
from unspoken.flags.queries import open_flags_of
from unspoken.kit.keyset import BadCursor, Page
from unspoken.readings.models import ConversationTrajectory
from unspoken.readings.queries import trajectories_of
from unspoken.staff.models import Member

from ..door import Request, door, frame, show, show_part
from ..showing.trajectories import trajectory_words

SHOWN = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation of the queue."""

    conversation: Conversation
    trajectory: ConversationTrajectory | None
    why: str
    flags: list[Flag] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; anything unknown falls back to everything."""

    status: str
    inbox: str
    assignee: str
    label: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Filters":
        """Read the filters of a request."""
        status = request.GET.get("status", "")
        return cls(
            status=status if status in Status.values else Status.OPEN,
            inbox=request.GET.get("inbox", ""),
            assignee=request.GET.get("assignee", ""),
            label=request.GET.get("label", ""),
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything but the status is asked for."""
        return bool(self.inbox or self.assignee or self.label)


@door
@require_safe
def queue(request: Request) -> HttpResponse:
    """Show the queue, or (to htmx) only its rows."""
    filters = Filters.of(request)
    member = request.user
    page = _page(member, filters, request.GET.get("cursor"))
    context = {
        "filters": filters, "rows": rows_of(page.items), "next_cursor": page.next_cursor, "member": member,
        "numbers": counters(member),
    }  # fmt: skip
    if request.htmx and request.htmx.target == "queue":
        return show_part(request, "web/parts/queue_refreshed.html", **context)
    return show(
        request, "web/queue.html", section="queue", inboxes=active_inboxes(member), labels=labels(), nobody=NOBODY,
        **context,
    )  # fmt: skip


@door
@require_safe
def navigation(request: Request) -> HttpResponse:
    """Show the navigation's links with their counters anew."""
    context = frame(request.user) | {"section": request.GET.get("section", "")}
    return show_part(request, "web/parts/nav.html#links", **context)


def rows_of(conversations: list[Conversation]) -> list[Row]:
    """Return the rows that show `conversations`, with two queries however many there are."""
    trajectories, flags = trajectories_of(conversations), open_flags_of(conversations)
    return [
        Row(one, trajectory := trajectories.get(one.id), _why(trajectory), flags.get(one.id, []))
        for one in conversations
    ]


def _page(member: Member, filters: Filters, cursor: str | None) -> Page[Conversation]:
    def found(cursor: str | None) -> Page[Conversation]:
        assignee = member.id if filters.assignee == "me" else filters.assignee
        return attention_queue(
            member, status=filters.status, inbox=filters.inbox, assignee=assignee, label=filters.label, cursor=cursor,
            limit=SHOWN,
        )  # fmt: skip

    try:
        return found(cursor)
    except BadCursor:
        return found(None)


def _why(trajectory: ConversationTrajectory | None) -> str:
    return trajectory_words(trajectory.numbers) if trajectory else "Not analysed yet."
