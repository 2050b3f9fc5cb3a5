"""A reading: where it was made, and a person's word against it."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from unspoken.kit.clock import now
from unspoken.readings.actions.correct import NotAnEmotionWord, correct_reading
from unspoken.readings.models import StoredReading
from unspoken.readings.queries import trajectory_of
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from ..door import Request, door, say, say_wrong, show_part
from .conversation import corrected_among, find, found_at, rights, thread_of, why_of


@door
@require_safe
def reading(request: Request, reading_id: str) -> HttpResponse:
    """Lead to the message that was read, in its conversation."""
    found = _find(request.user, reading_id)
    return redirect(f"{found_at(found.conversation)}#{found.message_id}")


@door
@require_POST
def correct(request: Request, reading_id: str) -> HttpResponse:
    """Take a person's word; to htmx return what it changed: the line, the curve, and how the conversation now reads."""
    require(request.user, Permission.CORRECT_READINGS)
    found = _find(request.user, reading_id)
    conversation = find(request.user, found.conversation_id)
    before = trajectory_of(conversation)
    try:
        made = correct_reading(
            found, cx=request.POST.get("cx", ""), note=request.POST.get("note", "")[:500], by=request.user, now=now()
        )
    except NotAnEmotionWord as problem:
        say_wrong(request, problem)
        return redirect(f"{found_at(conversation)}#{found.message_id}")
    after = trajectory_of(conversation)
    directions = before.direction if before else "", after.direction if after else ""
    words = _outcome(made.cx, *directions)
    if not request.htmx:
        say(request, words)
        return redirect(f"{found_at(conversation)}#{found.message_id}")
    conversation = find(request.user, found.conversation_id)
    thread = thread_of(conversation, everything=False, just_corrected=found.message_id)
    corrected = corrected_among(thread["turns"])
    context = thread | why_of(conversation, request.user, corrected=corrected) | {"conversation": conversation}
    return show_part(request, "web/parts/corrected.html", words=words, **context | {"may": rights(request.user)})


def _find(member: Member, reading_id: str) -> StoredReading:
    found = StoredReading.objects.filter(pk=reading_id).select_related("conversation").first()
    if found is None:
        raise Http404
    find(member, found.conversation_id)
    return found


def _outcome(cx: str, before: str, after: str) -> str:
    changed = (
        f"the conversation reads as {after} instead of {before}" if before != after else "its curve was drawn anew"
    )
    return f"Thank you. The message now counts as {cx}; {changed}."
