"""What happened, for owners and privacy officers, and whether the chain of it is whole."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from unspoken.journal.queries import first_broken_entry, newest_entries
from unspoken.staff.permissions import Permission, require
from unspoken.staff.queries import names_of

from ..door import Request, door, show

SHOWN = 60
KINDS = (
    ("message.", "Messages"), ("conversation.", "Conversations"), ("reading.", "Corrected readings"),
    ("flag.", "Flags"), ("rule.", "Rules"), ("contact.", "Contacts"), ("consent.", "Permissions"),
    ("reply.", "Answers"), ("recording.", "Kept recordings"), ("member.", "Members"), ("team.", "Teams"),
    ("token.", "Tokens"), ("webhook.", "Webhooks"),
)  # fmt: skip


@door
@require_safe
def journal(request: Request) -> HttpResponse:
    """Show the newest entries, or those before one; `verify` walks the whole chain first."""
    require(request.user, Permission.SEE_AUDIT)
    before = request.GET.get("before", "")
    kind = request.GET.get("kind", "")
    entries = newest_entries(before=int(before) if before.isdecimal() else None, kind=kind, limit=SHOWN + 1)
    verified = "verify" in request.GET
    return show(
        request, "web/journal.html", section="journal", entries=entries[:SHOWN], kind=kind, kinds=KINDS,
        verified=verified,
        earlier=entries[SHOWN - 1].pk if len(entries) > SHOWN else None,
        broken=first_broken_entry() if verified else None,
        names=names_of(entry.actor for entry in entries),
    )  # fmt: skip
