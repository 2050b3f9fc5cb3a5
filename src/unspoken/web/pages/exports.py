"""A conversation as a file to take away."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from unspoken.kit.clock import now
from unspoken.readings.actions import take_out
from unspoken.readings.exports.contact_lens import NotACall
from unspoken.readings.exports.files import Format

from ..door import Request, door
from .conversation import find, found_at


@door
@require_safe
def export(request: Request, conversation_id: str, form: str) -> HttpResponse:
    """Return a conversation as a file of the format `form`; what it cannot be told as is not there.

    The journal notes who took it.
    """
    found = find(request.user, conversation_id)
    address = f"{settings.UNSPOKEN.public_url}{found_at(found)}"
    try:
        file = take_out(found, Format(form), address=address, by=request.user, now=now())
    except (NotACall, ValueError):
        raise Http404("no such format, or no call") from None
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.body, content_type=file.content_type, headers=headers)
