"""One conversation: why it needs attention, its messages with their readings, the answer, the contact beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from unspoken.calls.actions import stop_reading_the_voice
from unspoken.calls.queries import call_of as known_call
from unspoken.conversations import actions
from unspoken.conversations.models import CannedReply, Conversation, Kind, Message, Status
from unspoken.conversations.queries import (
    canned_replies,
    canned_text,
    conversation_for,
    labels,
    messages_of,
    spoken_at,
    visible_conversations,
)
from unspoken.flags.queries import precisions, visible_flags
from unspoken.kit.clock import now
from unspoken.kit.ids import new_id
from unspoken.people.models import Channel
from unspoken.readings.queries import corrected_of, effective_readings, tones_of, trajectory_of
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, may
from unspoken.staff.queries import active_members, teams

from ..door import Request, door, say, say_wrong, show, show_part
from ..showing.calls import call_of
from ..showing.readings import ReadingLine, reading_line
from ..showing.recordings import replay_of
from ..showing.trajectories import pushes, trajectory_words
from .contact_side import side_of

SHOWN = 100
EVERYTHING = 2000
PARTS = {"head", "why", "call", "thread", "side"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as the page shows it."""

    message: Message
    line: ReadingLine | None
    day_begins: bool


@door
@require_safe
def conversation(request: Request, conversation_id: str) -> HttpResponse:
    """Show the whole page."""
    found = find(request.user, conversation_id)
    thread = thread_of(found, everything="all" in request.GET)
    why = why_of(found, request.user, corrected=corrected_among(thread["turns"]))
    side = side_of(found, request.user, trajectory=why["trajectory"])
    around = head_of(found, request.user) | call_beside(found, request.user) | composer_of(found, request)
    return show(request, "web/conversation.html", section="queue", **around | why | thread | side)


@door
@require_safe
def part(request: Request, conversation_id: str, name: str) -> HttpResponse:
    """Show one part of the page, after something changed."""
    if name not in PARTS:
        raise Http404
    found = find(request.user, conversation_id)
    context = {"conversation": found, "may": rights(request.user, found), "here": found_at(found)}
    match name:
        case "head":
            context |= head_of(found, request.user)
        case "why":
            context |= why_of(found, request.user, corrected=corrected_of(found))
        case "call":
            context |= call_beside(found, request.user)
        case "thread":
            context |= thread_of(found, everything="all" in request.GET)
        case _:
            context |= side_of(found, request.user)
    return show_part(request, f"web/conversation.html#{name}", **context)


@door
@require_POST
def write(request: Request, conversation_id: str) -> HttpResponse:
    """Send an answer or keep a private note; to htmx the emptied box is returned, and the thread follows by itself."""
    found = find(request.user, conversation_id)
    text, written_as = request.POST.get("text", ""), request.POST.get("as", "reply")
    try:
        if written_as == "note":
            actions.add_private_note(found, text=text, by=request.user, now=now())
        else:
            token = request.POST.get("token", "")
            actions.reply(found, text=text, by=request.user, now=now(), token=token)
    except ValidationError as problem:
        if not request.htmx:
            say_wrong(request, problem)
            return redirect(f"{found_at(found)}#reply")
        kept = {"draft": text, "write_errors": problem.messages[0], "written_as": written_as}
        return show_part(request, "web/parts/composer.html", **composer_of(found, request) | kept)
    if not request.htmx:
        return redirect(f"{found_at(found)}#reply")
    context = head_of(found, request.user) | thread_of(found, everything=False) | composer_of(found, request)
    return show_part(request, "web/parts/written.html", **context | {"written_as": written_as})


@door
@require_POST
def status(request: Request, conversation_id: str) -> HttpResponse:
    """Resolve, reopen, wait or snooze."""
    found = find(request.user, conversation_id)
    moment = now()
    try:
        wanted = Status(request.POST.get("status", ""))
        hours = int(request.POST.get("hours", "24"))
        until = moment + timedelta(hours=hours) if wanted == Status.SNOOZED else None
        actions.set_status(found, status=wanted, snoozed_until=until, by=request.user, now=moment)
    except (ValidationError, ValueError, OverflowError) as problem:
        say_wrong(
            request, problem if isinstance(problem, ValidationError) else "That is no status. Nothing was changed."
        )
    else:
        say(request, f"This conversation is now {Status(wanted).label.lower()}.")
    return redirect(found_at(found))


@door
@require_POST
def assign(request: Request, conversation_id: str) -> HttpResponse:
    """Hand the conversation to somebody, or to nobody."""
    found = find(request.user, conversation_id)
    wanted = request.POST.get("assignee", "")
    assignee = active_members().filter(pk=wanted).first() if wanted else None
    try:
        actions.assign(found, assignee=assignee, by=request.user, now=now())
    except ValidationError as problem:
        say_wrong(request, problem)
    else:
        say(request, f"{assignee.name} looks after this conversation." if assignee else "Nobody is assigned any more.")
    return redirect(found_at(found))


@door
@require_POST
def move(request: Request, conversation_id: str) -> HttpResponse:
    """Move the conversation to a team, or open it to all."""
    found = find(request.user, conversation_id)
    team = teams().filter(pk=request.POST.get("team", "")).first()
    actions.move_to_team(found, team=team, by=request.user, now=now())
    say(request, f"This conversation is now {team.name}'s." if team else "This conversation is now open to all teams.")
    return redirect(found_at(found) if found.pk in _seen(request.user, found) else "home")


@door
@require_POST
def send_again(request: Request, message_id: str) -> HttpResponse:
    """Send an answer again that could not be sent."""
    message = _message(request.user, message_id)
    try:
        actions.send_again(message, by=request.user, now=now())
    except ValidationError as problem:
        say_wrong(request, problem)
    return redirect(f"{found_at(message.conversation)}#{message.pk}")


@door
@require_POST
def label(request: Request, conversation_id: str) -> HttpResponse:
    """Give the conversation exactly these labels."""
    found = find(request.user, conversation_id)
    names = [name.strip() for name in request.POST.get("labels", "").split(",") if name.strip()]
    try:
        actions.set_labels(found, labels=names, by=request.user, now=now())
    except ValidationError as problem:
        say_wrong(request, problem)
    return redirect(found_at(found))


@door
@require_safe
def whole_text(request: Request, message_id: str) -> HttpResponse:
    """Return the whole text of a long message, as plain text."""
    message = _message(request.user, message_id)
    return HttpResponse(message.text, content_type="text/plain; charset=utf-8")


def _message(member: Member, message_id: str) -> Message:
    message = Message.objects.filter(pk=message_id).select_related("conversation").first()
    if message is None:
        raise Http404
    find(member, message.conversation_id)
    return message


def _seen(member: Member, found: Conversation) -> set[str]:
    return set(visible_conversations(member).filter(pk=found.pk).values_list("pk", flat=True))


def find(member: Member, conversation_id: str) -> Conversation:
    """Return a conversation in sight of `member`; everything else is not there."""
    try:
        return conversation_for(member, conversation_id)
    except Conversation.DoesNotExist:
        raise Http404("no conversation in sight") from None


def found_at(found: Conversation) -> str:
    """Return the address of a conversation."""
    return reverse("conversation", args=[found.pk])


def rights(member: Member, found: Conversation | None = None) -> dict[str, bool]:
    """Return what the buttons of a conversation offer to `member`; on a call, answers are spoken."""
    return {
        "change": may(member, Permission.CHANGE_CONVERSATIONS),
        "reply": may(member, Permission.REPLY) and (found is None or found.channel != Channel.CALL),
        "correct": may(member, Permission.CORRECT_READINGS), "decide": may(member, Permission.DECIDE_FLAGS),
    }  # fmt: skip


def head_of(found: Conversation, member: Member) -> dict[str, Any]:
    """Return what stands above: the subject, where it stands, who looks after it."""
    return {
        "conversation": found, "may": rights(member, found), "assignable": active_members().prefetch_related(None),
        "known_labels": labels(), "teams": teams(),
    }  # fmt: skip


def why_of(found: Conversation, member: Member, *, corrected: frozenset[str]) -> dict[str, Any]:
    """Return what says why: the trajectory and the flags; corrected: ids of messages that a person read anew."""
    row = trajectory_of(found)
    flags = list(visible_flags(member).filter(conversation=found).select_related("rule", "message", "decided_by")[:10])
    return {
        "trajectory": row,
        "trajectory_words": trajectory_words(row.numbers) if row else "",
        "forecast_parts": pushes(row.numbers.get("because", {})) if row else [],
        "corrected": corrected,
        "flags": flags,
        "newest_open": next((flag.pk for flag in flags if flag.is_unfinished), ""),
        "precisions": precisions(flag.rule_id for flag in flags),
        "here": found_at(found),
    }


def call_beside(found: Conversation, member: Member) -> dict[str, Any]:
    """Return how a call went, where it was listened to: the voice, who spoke, where the words say otherwise; and its
    recording, where that is kept."""
    if found.channel != Channel.CALL:
        return {"call": None}
    call, rows, spoken = known_call(found), tones_of(found), spoken_at(found)
    words = {name: one.reading for name, one in effective_readings(found, messages=spoken.keys()).items()}
    return {"call": call_of(call, rows, spoken, words), "replay": replay_of(found, member, now=now())}


@door
@require_POST
def stop_listening(request: Request, conversation_id: str) -> HttpResponse:
    """Stop reading the customer's voice, as they said on the call."""
    found = find(request.user, conversation_id)
    try:
        stop_reading_the_voice(found, now=now(), by=request.user)
    except ValidationError as problem:
        say_wrong(request, problem)
    else:
        say(request, "Their voice is no longer read.")
    return redirect(found_at(found))


def thread_of(found: Conversation, *, everything: bool, just_corrected: str = "") -> dict[str, Any]:
    """Return the newest messages, or all; just_corrected: id of the message whose line gets the focus."""
    page = messages_of(found, limit=EVERYTHING if everything else SHOWN)
    return {
        "turns": _shown(page.items, found),
        "earlier": max(0, found.message_count - len(page.items)) if page.next_cursor else 0,
        "everything": everything,
        "quiet_kinds": {Kind.CHAT, Kind.EMAIL},
        "just_corrected": just_corrected,
    }


def corrected_among(turns: Sequence[Shown]) -> frozenset[str]:
    """Return the ids of those messages of which a person said what they read as."""
    return frozenset(shown.message.pk for shown in turns if shown.line and shown.line.corrected)


def _shown(messages: Sequence[Message], found: Conversation) -> list[Shown]:
    readings = effective_readings(found, messages=[message.pk for message in messages])
    shown, day = [], date.min
    for message in messages:
        read = readings.get(message.pk)
        said_on = localdate(message.occurred_at)
        shown.append(Shown(message, reading_line(read.stored) if read else None, said_on != day))
        day = said_on
    return shown


def composer_of(found: Conversation, request: Request) -> dict[str, Any]:
    """Return what the box for answers needs; `token` names this approval, so that it goes out once."""
    replies = list(canned_replies())
    for reply in replies:
        reply.text = canned_text(reply, conversation=found, by=request.user)
    return {
        "conversation": found, "may": rights(request.user, found), "canned_replies": replies,
        "draft": _draft(replies, request.GET.get("canned", "")), "token": new_id("once"),
    }  # fmt: skip


def _draft(replies: Sequence[CannedReply], wanted: str) -> str:
    return next((reply.text for reply in replies if reply.pk == wanted), "")
