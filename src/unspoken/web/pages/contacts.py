"""All contacts, found as you type; and a new one."""

from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from unspoken.kit.clock import now
from unspoken.kit.keyset import BadCursor
from unspoken.people.actions import add_identity, create_contact
from unspoken.people.models import IdentityKind
from unspoken.people.queries import contacts_page, find_contacts, tags
from unspoken.staff.permissions import Permission, may, require

from ..door import Request, door, put_problems, show, show_part
from ..forms.contacts import NewContactForm

SHOWN = 40


@door
@require_safe
def contacts(request: Request) -> HttpResponse:
    """Show contacts: those found, those with a tag, or all, those heard of last first."""
    text, tag = request.GET.get("q", "").strip(), request.GET.get("tag", "")
    if text:
        items, next_cursor = find_contacts(request.user, text, limit=SHOWN), None
    else:
        wanted = partial(contacts_page, request.user, tag=tag or None, by="heard_of", limit=SHOWN)
        try:
            page = wanted(cursor=request.GET.get("cursor"))
        except BadCursor:
            page = wanted()
        items, next_cursor = page.items, page.next_cursor
    context = {"contacts": items, "next_cursor": next_cursor, "text": text, "tag": tag}
    if request.htmx and request.htmx.target == "found":
        return show_part(request, "web/contacts.html#found", **context)
    may_add = may(request.user, Permission.CHANGE_CONTACTS)
    return show(request, "web/contacts.html", section="contacts", tags=tags(), may_add=may_add, **context)


@door
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Add a contact."""
    require(request.user, Permission.CHANGE_CONTACTS)
    form = NewContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        email, moment = fields.pop("email"), now()
        try:
            with transaction.atomic():
                made = create_contact(now=moment, owner=request.user, by=request.user, **fields)
                if email:
                    add_identity(made, kind=IdentityKind.EMAIL, handle=email, now=moment, by=request.user)
        except ValidationError as problem:
            put_problems(form, problem, elsewhere={"handle": "email"})
        else:
            return redirect("contact", made.pk)
    return show(request, "web/contact_form.html", section="contacts", form=form, contact=None)
