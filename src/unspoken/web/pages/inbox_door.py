"""How an inbox reaches the outside: the settings of its connector, kept and tried out."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from unspoken.connectors.base import Polling
from unspoken.connectors.calling import Calling
from unspoken.connectors.registry import connectors
from unspoken.conversations.actions import update_inbox
from unspoken.conversations.models import Inbox
from unspoken.kit.clock import now
from unspoken.staff.permissions import Permission, require

from ..door import Request, door, put_problems, say, say_wrong, show


@door
@require_http_methods(["GET", "POST"])
def inbox_door(request: Request, inbox_id: str) -> HttpResponse:
    """Show and keep what an inbox's connector needs; say at once whether it works."""
    require(request.user, Permission.EDIT_INBOXES)
    found = Inbox.objects.select_related("lookout", "team").filter(pk=inbox_id).first()
    connector = connectors().get(found.connector) if found else None
    if found is None or connector is None:
        raise Http404
    calls = isinstance(connector, Calling)
    form = connector.settings_form(request.POST or None, settings=found.settings)
    if request.method == "POST" and form.is_valid():
        try:
            update_inbox(
                found, name=found.name, connector=found.connector, settings=form.settings(), team=found.team,
                is_active=found.is_active, now=now(), by=request.user,
            )  # fmt: skip
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            problems = connector.probe(found.settings)
            for trouble in problems:
                say_wrong(request, f"Kept, but it does not work yet: {trouble}")
            if not problems:
                kept = "kept. The first call will show whether it works" if calls else "kept, and it works"
                say(request, f"{found.name}: {kept}.")
            return redirect("settings-inbox-door", inbox_id=found.pk)
    return show(
        request, "web/settings/inbox_door.html", section="settings", tab="inboxes", form=form, found=found,
        connector=connector, lookout=getattr(found, "lookout", None), delivers=not isinstance(connector, Polling),
        calls=calls, address=_address(found, calls=calls),
    )  # fmt: skip


def _address(inbox: Inbox, *, calls: bool) -> str:
    """Return where the other system sends deliveries or, over a WebSocket, calls."""
    url = settings.UNSPOKEN.public_url
    if calls:
        return f"ws{url.removeprefix('http')}/lines/{inbox.connector}/{inbox.pk}"
    return f"{url}/hooks/{inbox.connector}/{inbox.pk}"
