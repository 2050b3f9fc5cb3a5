"""Contacts: finding, reading, changing, merging, what is known of them, and their consents."""

from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from unspoken.kit.clock import now
from unspoken.people import actions
from unspoken.people.queries import contact_for, contacts_page, find_contacts, merges_of
from unspoken.people.timeline import timeline
from unspoken.privacy.actions import record_consent
from unspoken.privacy.models import Decision, Modality, Purpose
from unspoken.privacy.queries import current_consents
from unspoken.readings.queries import contact_sentence
from unspoken.staff.models import Scope

from .inbound import HandleIn, Strict
from .schemas import ConsentOut, ContactOut, PageOut
from .tokens import Token, asker

router = Router(tags=["contacts"])
READ, WRITE, CONSENT = Token(Scope.CONTACTS_READ), Token(Scope.CONTACTS_WRITE), Token(Scope.CONSENT_WRITE)
Limit = Annotated[int, Query(ge=1, le=100)]


class ContactIn(Strict):
    """What is said of a contact; `attributes` and `preferences` replace the whole of what was there."""

    name: Annotated[str, Field(max_length=200)] = ""
    title: Annotated[str, Field(max_length=120)] = ""
    organisation: Annotated[str, Field(max_length=200)] = ""
    city: Annotated[str, Field(max_length=120)] = ""
    country: Annotated[str, Field(max_length=2)] = ""
    language: Annotated[str, Field(max_length=12)] = ""
    attributes: dict[str, Any] = {}
    preferences: dict[str, Any] = {}


class NewContact(ContactIn):
    handles: Annotated[list[HandleIn], Field(max_length=20)] = []


class ConsentIn(Strict):
    """A decision of the contact. `source` says where it was said, `notice` which version of the notice was shown."""

    modality: Modality
    purpose: Purpose
    decision: Decision
    source: Annotated[str, Field(min_length=1, max_length=120)]
    notice: Annotated[str, Field(max_length=60)] = ""
    basis: Annotated[str, Field(max_length=2000)] = ""
    decided_at: datetime | None = None


class MergeIn(Strict):
    """The contact that goes into this one."""

    absorbed: str


@router.get("/contacts", auth=READ, response=PageOut[ContactOut])
def list_contacts(
    request: HttpRequest, q: Annotated[str, Query(max_length=200)] = "", tag: str | None = None,
    cursor: str | None = None, limit: Limit = 50,
) -> PageOut[ContactOut]:  # fmt: skip
    """List contacts; with `q` the best matches of names, addresses, numbers, handles, orders and organisations."""
    if q:
        return PageOut(items=[ContactOut.of(row) for row in find_contacts(asker(request), q, limit=limit)])
    page = contacts_page(asker(request), tag=tag, cursor=cursor, limit=limit)
    return PageOut(items=[ContactOut.of(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("/contacts", auth=WRITE, response={201: ContactOut})
def create_contact(request: HttpRequest, new: NewContact) -> Status[ContactOut]:
    """Make a contact with its handles; all or nothing."""
    by, moment = asker(request), now()
    fields = new.model_dump(exclude={"handles"}, exclude_unset=True)
    with transaction.atomic():
        contact = actions.create_contact(**fields, owner=None, by=by, now=moment)
        for handle in new.handles:
            actions.add_identity(contact, kind=handle.kind, handle=handle.value, by=by, now=moment)
    return Status(201, ContactOut.of(contact_for(by, contact.pk)))


@router.get("/contacts/{contact_id}", auth=READ, response=ContactOut)
def get_contact(request: HttpRequest, contact_id: str) -> ContactOut:
    """Return a contact; for a merged one, the contact that it went into."""
    return ContactOut.of(contact_for(asker(request), contact_id))


@router.patch("/contacts/{contact_id}", auth=WRITE, response=ContactOut)
def change_contact(request: HttpRequest, contact_id: str, change: ContactIn) -> ContactOut:
    """Change the fields that are given."""
    by = asker(request)
    actions.update_contact(contact_for(by, contact_id), **change.model_dump(exclude_unset=True), by=by, now=now())
    return get_contact(request, contact_id)


@router.post("/contacts/{contact_id}/identities", auth=WRITE, response={201: ContactOut})
def add_identity(request: HttpRequest, contact_id: str, handle: HandleIn) -> Status[ContactOut]:
    """Make a contact known by one more handle."""
    by = asker(request)
    actions.add_identity(contact_for(by, contact_id), kind=handle.kind, handle=handle.value, by=by, now=now())
    return Status(201, get_contact(request, contact_id))


@router.get("/contacts/{contact_id}/timeline", auth=READ, response=PageOut[dict[str, Any]])
def get_timeline(
    request: HttpRequest, contact_id: str, cursor: str | None = None, limit: Limit = 50
) -> PageOut[dict[str, Any]]:
    """List what happened between us and a contact, newest first, as kinds and ids."""
    by = asker(request)
    page = timeline(contact_for(by, contact_id), by, cursor=cursor, limit=limit)
    items = [{"kind": each.kind, "id": each.row.pk, "at": each.at, "summary": str(each.row)} for each in page.items]
    return PageOut(items=items, next_cursor=page.next_cursor)


@router.get("/contacts/{contact_id}/state", auth=READ, response=dict[str, Any])
def get_state(request: HttpRequest, contact_id: str) -> dict[str, Any]:
    """Return what is currently known of a contact in one sentence, each clause with its evidence and its age."""
    sentence = contact_sentence(contact_for(asker(request), contact_id).pk, now())
    clauses = [
        {
            "text": each.text,
            "area": each.area,
            "evidence": list(each.evidence),
            "last_at": each.last_at,
            "stale": each.stale,
        }
        for each in sentence.clauses
    ]
    return {"sentence": sentence.text, "clauses": clauses}


@router.get("/contacts/{contact_id}/consents", auth=READ, response=list[ConsentOut])
def list_consents(request: HttpRequest, contact_id: str) -> list[ConsentOut]:
    """List the decisions that hold now, one per modality and purpose."""
    return ConsentOut.all_of(current_consents(contact_for(asker(request), contact_id).pk))


@router.post("/contacts/{contact_id}/consents", auth=CONSENT, response={201: list[ConsentOut]})
def give_consent(request: HttpRequest, contact_id: str, consent: ConsentIn) -> Status[list[ConsentOut]]:
    """Record that a contact gave, refused or withdrew a permission. It holds at once, for readings under way too."""
    by = asker(request)
    contact = contact_for(by, contact_id)
    decision = record_consent(contact, **consent.model_dump(), by=by, now=now())
    return Status(201, ConsentOut.all_of([decision]))


@router.post("/contacts/{contact_id}/merge", auth=WRITE, response={201: dict[str, str]})
def merge(request: HttpRequest, contact_id: str, merge: MergeIn) -> Status[dict[str, str]]:
    """Let another contact go into this one; the answer's `merge` undoes it."""
    by = asker(request)
    kept, absorbed = contact_for(by, contact_id), contact_for(by, merge.absorbed)
    made = actions.merge_contacts(kept, absorbed, by=by, now=now())
    return Status(201, {"merge": made.pk, "kept": kept.pk, "absorbed": absorbed.pk})


@router.delete("/contacts/{contact_id}/merge/{merge_id}", auth=WRITE, response={204: None})
def unmerge(request: HttpRequest, contact_id: str, merge_id: str) -> Status[None]:
    """Undo a merge: what moved goes back."""
    by = asker(request)
    actions.unmerge(merges_of(contact_for(by, contact_id)).get(pk=merge_id), by=by, now=now())
    return Status(204, None)
