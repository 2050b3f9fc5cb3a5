"""One contact as a whole, and every small change of the record."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from unspoken.conversations.models import Conversation
from unspoken.kit.clock import now
from unspoken.kit.keyset import BadCursor, Page
from unspoken.people import actions
from unspoken.people.models import Contact
from unspoken.people.queries import Moment, contact_for, find_contacts, merges_of, tags, timeline
from unspoken.privacy.actions import record_consent
from unspoken.privacy.queries import consent_history, newest_of
from unspoken.readings.queries import sentence_of, states_of, trajectories_of
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, may, require
from unspoken.staff.queries import active_members

from ..door import Request, door, put_problems, say, say_wrong, show, show_part
from ..forms.contacts import ConsentForm, ContactForm, IdentityForm
from ..showing.sentences import pieces
from ..showing.states import shown_states
from ..showing.trajectories import trajectory_words

SHOWN = 30


@door
@require_safe
def contact(request: Request, contact_id: str) -> HttpResponse:
    """Show the page of a contact; a merged one leads to the contact that it went into."""
    found = find_contact(request.user, contact_id)
    if found.pk != contact_id:
        return redirect("contact", found.pk)
    moment = now()
    return show(
        request, "web/contact.html", section="contacts", contact=found, may=_rights(request.user),
        members=active_members().prefetch_related(None), known_tags=tags(), merges=merges_of(found),
        identity_form=IdentityForm(), consent_form=ConsentForm(auto_id="consent_%s"),
        **_known(found, moment), **_history(request, found),
    )  # fmt: skip


@door
@require_safe
def history(request: Request, contact_id: str) -> HttpResponse:
    """Show the timeline alone, after something changed."""
    found = find_contact(request.user, contact_id)
    return show_part(request, "web/contact.html#history", contact=found, **_history(request, found))


@door
@require_http_methods(["GET", "POST"])
def edit(request: Request, contact_id: str) -> HttpResponse:
    """Change what is said of a contact."""
    require(request.user, Permission.CHANGE_CONTACTS)
    found = find_contact(request.user, contact_id)
    form = ContactForm(request.POST or None, initial=_said(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_contact(found, now=now(), by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            return redirect("contact", found.pk)
    return show(request, "web/contact_form.html", section="contacts", form=form, contact=found)


@door
@require_POST
def change(request: Request, contact_id: str, what: str) -> HttpResponse:
    """Make one small change: note, tag, untag, owner, identity, forget-identity, consent."""
    found = find_contact(request.user, contact_id)
    if what not in CHANGES:
        raise Http404
    try:
        CHANGES[what](request, found, now())
    except ValidationError as problem:
        say_wrong(request, problem)
    return redirect(f"{reverse('contact', args=[found.pk])}#{what}")


def _note(request: Request, found: Contact, moment: datetime) -> None:
    actions.add_note(found, text=request.POST.get("text", ""), by=request.user, now=moment)


def _tag(request: Request, found: Contact, moment: datetime) -> None:
    actions.tag(found, name=request.POST.get("name", ""), by=request.user, now=moment)


def _untag(request: Request, found: Contact, moment: datetime) -> None:
    actions.untag(found, name=request.POST.get("name", ""), by=request.user, now=moment)


def _owner(request: Request, found: Contact, moment: datetime) -> None:
    owner = active_members().filter(pk=request.POST.get("owner", "")).first()
    actions.set_owner(found, owner=owner, by=request.user, now=moment)


def _identity(request: Request, found: Contact, moment: datetime) -> None:
    form = _valid(IdentityForm(request.POST))
    actions.add_identity(found, kind=form["kind"], handle=form["handle"], by=request.user, now=moment)


def _forget_identity(request: Request, found: Contact, moment: datetime) -> None:
    identity = found.identities.filter(pk=request.POST.get("identity", "")).first()
    if identity is not None:
        actions.remove_identity(identity, by=request.user, now=moment)


def _consent(request: Request, found: Contact, moment: datetime) -> None:
    require(request.user, Permission.RECORD_CONSENTS)
    form = _valid(ConsentForm(request.POST))
    record_consent(found, **form, now=moment, by=request.user)
    say(request, "Recorded. It holds from now on; earlier decisions stay in the history.")


CHANGES = {
    "note": _note, "tag": _tag, "untag": _untag, "owner": _owner, "identity": _identity,
    "forget-identity": _forget_identity, "consent": _consent,
}  # fmt: skip


@door
@require_http_methods(["GET", "POST"])
def merge(request: Request, contact_id: str) -> HttpResponse:
    """Choose the contact that is the same person, and let it go into this one."""
    require(request.user, Permission.MERGE_CONTACTS)
    kept = find_contact(request.user, contact_id)
    if request.method == "POST":
        absorbed = find_contact(request.user, request.POST.get("absorbed", ""))
        try:
            actions.merge_contacts(kept, absorbed, now=now(), by=request.user)
        except ValidationError as problem:
            say_wrong(request, problem)
        else:
            say(request, f"{absorbed} went into {kept}. If that was wrong, undo it under “Merged into this contact”.")
            return redirect("contact", kept.pk)
    text = request.GET.get("q", "").strip()
    candidates = [one for one in find_contacts(request.user, text or kept.name, limit=12) if one.pk != kept.pk]
    context = {"contact": kept, "candidates": candidates, "text": text}
    if request.htmx and request.htmx.target == "candidates":
        return show_part(request, "web/contact_merge.html#candidates", **context)
    return show(request, "web/contact_merge.html", section="contacts", **context)


@door
@require_POST
def undo_merge(request: Request, contact_id: str, merge_id: str) -> HttpResponse:
    """Undo a merge exactly."""
    kept = find_contact(request.user, contact_id)
    made = merges_of(kept).filter(pk=merge_id).first()
    if made is None:
        raise Http404
    try:
        actions.unmerge(made, now=now(), by=request.user)
    except ValidationError as problem:
        say_wrong(request, problem)
    else:
        say(request, f"{made.absorbed} is a contact of its own again, with everything that was theirs.")
    return redirect("contact", kept.pk)


def find_contact(member: Member, contact_id: str) -> Contact:
    """Return a contact in sight of `member`; everything else is not there."""
    try:
        return contact_for(member, contact_id)
    except Contact.DoesNotExist:
        raise Http404 from None


def _known(found: Contact, moment: datetime) -> dict[str, Any]:
    states, decisions = states_of(found.pk), consent_history(found.pk)
    return {
        "pieces": pieces(sentence_of(states, moment)),
        "states": shown_states(states, moment),
        "consents": newest_of(decisions),
        "consent_history": decisions,
    }


def _history(request: Request, found: Contact) -> dict[str, Any]:
    page = _moments(request, found)
    conversations = [moment.row for moment in page.items if isinstance(moment.row, Conversation)]
    known = trajectories_of(conversations)
    words = {conversation_id: trajectory_words(row.numbers) for conversation_id, row in known.items()}
    return {"moments": page.items, "next_cursor": page.next_cursor, "trajectories": known, "why": words}


def _moments(request: Request, found: Contact) -> Page[Moment]:
    try:
        return timeline(found, request.user, cursor=request.GET.get("cursor"), limit=SHOWN)
    except BadCursor:
        return timeline(found, request.user, limit=SHOWN)


def _said(found: Contact) -> dict[str, Any]:
    plain = ("name", "title", "city", "country", "language", "attributes", "preferences")
    return {name: getattr(found, name) for name in plain} | {
        "organisation": found.organisation.name if found.organisation else ""
    }


def _rights(member: Member) -> dict[str, bool]:
    return {
        "change": may(member, Permission.CHANGE_CONTACTS), "merge": may(member, Permission.MERGE_CONTACTS),
        "consent": may(member, Permission.RECORD_CONSENTS),
    }  # fmt: skip


def _valid(form: Any) -> dict[str, Any]:
    if not form.is_valid():
        raise ValidationError([f"{name}: {text}" for name, texts in form.errors.items() for text in texts])
    cleaned: dict[str, Any] = form.cleaned_data
    return cleaned
