"""The recording of a call: brought, looked at before a byte of it is written; where it is kept, heard and deleted."""

from datetime import datetime, timedelta

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from unspoken.calls.arriving import Refused, Upload, form_of, upload_of
from unspoken.calls.deleting import delete_recording
from unspoken.calls.keeping import note_heard
from unspoken.calls.kept import kept_of, replay
from unspoken.calls.models import KeptRecording
from unspoken.calls.waiting import consent_for, take_in
from unspoken.conversations.models import Conversation
from unspoken.kit.clock import now

from ..door import Request, door, say, say_wrong
from .conversation import find, found_at

VISIT = timedelta(hours=1)  # in which a member listens to the same recording: written down once
HEARD = "recordings_heard"


@csrf_exempt  # the token is in the form, and to read the form is to write the file: it is looked at in `_receive`
@door
@require_POST
def bring(request: Request, conversation_id: str) -> HttpResponse:
    """Let a recording of a call wait to be listened to, if the customer permits it."""
    found = find(request.user, conversation_id)
    try:
        consent_for(found, by=request.user)
        with upload_of(request) as upload:
            return _receive(request, found, upload)
    except Refused as refusal:
        say_wrong(request, refusal)
    return redirect(found_at(found))


@csrf_protect
def _receive(request: Request, found: Conversation, upload: Upload) -> HttpResponse:
    """Take the recording in; the page says beside the call what becomes of it. Raises Refused."""
    form = form_of(request)
    take_in(found, upload.whole(), side=form.get("customer", ""), now=now(), by=request.user)
    return redirect(f"{found_at(found)}#call")


@door
@require_safe
def sound(request: Request, conversation_id: str, kept_id: str) -> HttpResponseBase:
    """Play the kept recording of a call, or the part that is asked for, as long as its customer permits it."""
    found = find(request.user, conversation_id)
    kept = kept_of(found, now=now())
    if kept is None or kept.pk != kept_id:
        raise Http404("no such recording is kept")
    try:
        answer = replay(request, kept)
    except FileNotFoundError:
        raise Http404("its file is gone") from None
    if request.method == "GET":
        _note(request, kept, now())
    return answer


def _note(request: Request, kept: KeptRecording, moment: datetime) -> None:
    """Write down who listens before the first byte leaves; a browser asks for many parts of one recording."""
    begun = (moment - VISIT).timestamp()
    heard = {one: at for one, at in request.session.get(HEARD, {}).items() if at > begun}
    if kept.pk not in heard:
        note_heard(kept, by=request.user, now=moment)
        request.session[HEARD] = heard | {kept.pk: moment.timestamp()}


@door
@require_POST
def delete(request: Request, conversation_id: str) -> HttpResponse:
    """Delete the kept recording of a call now."""
    found = find(request.user, conversation_id)
    if delete_recording(found, now=now(), by=request.user):
        say(request, "The recording is deleted. What was read in it stays.")
    else:
        say(request, "No recording of this call is kept any more.")
    return redirect(f"{found_at(found)}#call")
