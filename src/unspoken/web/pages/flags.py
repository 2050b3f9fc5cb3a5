"""Flags: the list, a decision, and the line by which a new one is announced."""

from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from unspoken.flags.actions import decide_flag
from unspoken.flags.models import REFUSED, Flag, FlagStatus, Held
from unspoken.flags.queries import precisions, visible_flags
from unspoken.kit.clock import now
from unspoken.kit.keyset import BadCursor, Page, newest_first
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from ..door import Request, back, door, say, say_wrong, show, show_part
from .conversation import rights

SHOWN = 20
LISTS = {
    "open": "Open", "held": "Kept quiet", "accepted": "Accepted", "snoozed": "Snoozed", "resolved": "Resolved",
    "refused": "Wrong or not helpful",
}  # fmt: skip


@door
@require_safe
def flags(request: Request) -> HttpResponse:
    """Show the flags of one list: conversations by their newest flag, its earlier ones folded below that."""
    wanted = request.GET.get("list", "open")
    wanted = wanted if wanted in LISTS else "open"
    page = _page(_listed(request.user, wanted), request.GET.get("cursor"))
    context = {
        "flags": _by_conversation(page.items), "next_cursor": page.next_cursor, "wanted": wanted, "lists": LISTS,
        "precisions": precisions(flag.rule_id for flag in page.items), "may": rights(request.user),
        "here": request.get_full_path(),
    }  # fmt: skip
    if request.htmx and request.htmx.target == "flag-list":
        return show_part(request, "web/flags.html#list", **context)
    return show(request, "web/flags.html", section="flags", **context)


@door
@require_POST
def decide(request: Request, flag_id: str) -> HttpResponse:
    """Accept, snooze, resolve or refuse a flag."""
    require(request.user, Permission.DECIDE_FLAGS)
    flag = find_flag(request.user, flag_id)
    moment, status = now(), request.POST.get("status", "")
    hours = request.POST.get("hours", "4")
    until = moment + timedelta(hours=int(hours)) if status == FlagStatus.SNOOZED and hours in {"1", "4", "24"} else None
    try:
        decided = decide_flag(
            flag, status=status, by=request.user, now=moment, reason=request.POST.get("reason", "")[:500],
            snoozed_until=until,
        )  # fmt: skip
    except ValidationError as problem:
        say_wrong(request, problem)
    else:
        say(request, f"The flag “{flag.rule.title}” is now {decided.get_status_display().lower()}.")
    return back(request, reverse("conversation", args=[flag.conversation_id]))


@door
@require_safe
def announcement(request: Request, flag_id: str) -> HttpResponse:
    """Return the line that says a flag has arrived; nothing for one that is kept quiet."""
    flag = find_flag(request.user, flag_id)
    if flag.held:
        return HttpResponse(status=204)
    return show_part(request, "web/parts/announcement.html", flag=flag)


def find_flag(member: Member, flag_id: str) -> Flag:
    """Return a flag in sight of `member`; everything else is not there."""
    flag = visible_flags(member).filter(pk=flag_id).select_related("rule", "contact", "conversation").first()
    if flag is None:
        raise Http404
    return flag


def _by_conversation(flags: Sequence[Flag]) -> list[tuple[Flag, list[Flag]]]:
    """Return the newest flag of each conversation with the earlier ones of the page, in the order of the newest."""
    found: dict[str, list[Flag]] = {}
    for flag in flags:
        found.setdefault(flag.conversation_id, []).append(flag)
    return [(newest, earlier) for newest, *earlier in found.values()]


def _listed(member: Member, wanted: str) -> QuerySet[Flag]:
    rows = visible_flags(member).select_related("rule", "contact", "message", "decided_by")
    match wanted:
        case "open":
            return rows.filter(status=FlagStatus.OPEN, held=Held.NO)
        case "held":
            return rows.filter(status=FlagStatus.OPEN).exclude(held=Held.NO)
        case "refused":
            return rows.filter(status__in=REFUSED)
        case _:
            return rows.filter(status=wanted)


def _page(rows: QuerySet[Flag], cursor: str | None) -> Page[Flag]:
    try:
        return newest_first(rows, keys=("raised_at", "pk"), cursor=cursor, limit=SHOWN)
    except BadCursor:
        return newest_first(rows, keys=("raised_at", "pk"), cursor=None, limit=SHOWN)
