"""Bringing the recording of a call: looked at before a byte of it is written, listened to later, then deleted."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from unspoken.calls.arriving import Refused, Upload, form_of, upload_of
from unspoken.calls.waiting import consent_for, take_in
from unspoken.conversations.models import Conversation
from unspoken.kit.clock import now

from ..door import Request, door, say_wrong
from .conversation import find, found_at


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
