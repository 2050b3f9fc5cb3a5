"""Conversations as files in the formats of others."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router

from unspoken.conversations.queries import conversation_for
from unspoken.kit.clock import now
from unspoken.readings.actions import take_out
from unspoken.readings.exports.contact_lens import NotACall
from unspoken.readings.exports.files import Format
from unspoken.staff.models import Scope

from .problems import Problem
from .tokens import Token, asker

router = Router(tags=["conversations"])
READ = Token(Scope.CONVERSATIONS_READ)
_ANSWER = {
    "description": "The file",
    "content": {
        "application/json": {"schema": {"type": "object", "description": "A call in the names of Contact Lens"}},
        "application/emotionml+xml": {"schema": {"type": "string", "description": "EmotionML 1.0"}},
    },
}


@router.get("/conversations/{conversation_id}/export", auth=READ, openapi_extra={"responses": {200: _ANSWER}})
def export_conversation(request: HttpRequest, conversation_id: str, format: Format) -> HttpResponse:
    """Return a call as Contact Lens post-call JSON (`contact-lens`), or any conversation as EmotionML (`emotionml`).

    The journal notes who took it.
    """
    by = asker(request)
    found = conversation_for(by, conversation_id)
    address = f"{settings.UNSPOKEN.public_url}{reverse('conversation', args=[found.pk])}"
    try:
        file = take_out(found, format, address=address, by=by, now=now())
    except NotACall as refusal:
        raise Problem(422, "Contact Lens tells of calls only.", f"{refusal} Ask for emotionml.") from refusal
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.body, content_type=file.content_type, headers=headers)
