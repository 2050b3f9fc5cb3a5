"""Merging two contacts that are one person, and undoing it exactly.

Every row with a foreign key to Contact moves, whichever app it is of, and its id is kept in the Merge; undoing moves
those rows back and leaves what came since. One-to-one rows stay where they are, as do rows that would clash with the
kept contact's own (such as a state per area): both are derived, and made anew for the two contacts after the event.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from unspoken.journal.actions import record
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission

from ..events import ContactsMerged, ContactsUnmerged
from ..models import Contact, Merge
from ..search import refresh_search
from .changing import hold
from .combine import combine, separate

_AT_ONCE = 1000


@transaction.atomic
def merge_contacts(kept: Contact, absorbed: Contact, *, now: datetime, by: Member | None = None) -> Merge:
    """Let `absorbed` go into `kept`; return the merge, by which it can be undone.

    Raises ValidationError for a contact with itself, or with one that is merged already; NotAllowed out of sight.
    """
    if kept.pk == absorbed.pk:
        raise ValidationError("A contact cannot be merged with itself. Nothing was changed.", code="itself")
    for contact in sorted([kept, absorbed], key=lambda contact: contact.pk):  # always in one order: no deadlock
        hold(contact, by=by, permission=Permission.MERGE_CONTACTS)
    moved = {_name(relation): ids for relation in _relations() if (ids := _move(relation, absorbed, kept))}
    merge = Merge(kept=kept, absorbed=absorbed, by=by, at=now)
    merge.moved = {"rows": moved, **combine(kept, absorbed)}
    merge.save(force_insert=True)
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    _refresh(kept, absorbed)
    event = ContactsMerged(
        contact_id=kept.pk, absorbed_id=absorbed.pk, merge_id=merge.pk, actor=by.pk if by else ""
    )  # fmt: skip
    record(event, now=now)
    return merge


@transaction.atomic
def unmerge(merge: Merge, *, now: datetime, by: Member | None = None) -> None:
    """Undo a merge: what moved goes back, what came since stays with the kept contact.

    Raises ValidationError when it is undone already, or while the kept contact is itself merged into another.
    """
    kept, absorbed = merge.kept, merge.absorbed
    hold(kept, by=by, permission=Permission.MERGE_CONTACTS)
    absorbed.refresh_from_db(from_queryset=Contact.objects.select_for_update(of=("self",)))
    merge.refresh_from_db()
    if merge.undone_at is not None:
        raise ValidationError("This merge was undone already. Nothing was changed.", code="undone")
    for relation in _relations():
        ids = merge.moved["rows"].get(_name(relation), [])
        for rows in _some(relation, ids, kept):
            rows.update(**{relation.field.name: absorbed})
    separate(kept, merge.moved)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    merge.undone_at = now
    merge.save(update_fields=["undone_at"])
    _refresh(kept, absorbed)
    event = ContactsUnmerged(
        contact_id=kept.pk, absorbed_id=absorbed.pk, merge_id=merge.pk, actor=by.pk if by else ""
    )  # fmt: skip
    record(event, now=now)


def _relations() -> Iterator[models.ManyToOneRel]:
    """Yield every many-to-one relation to Contact but those that merging itself is written in."""
    for relation in Contact._meta.related_objects:
        if relation.related_model in {Contact, Merge} or isinstance(relation, models.OneToOneRel):
            continue
        if isinstance(relation, models.ManyToOneRel):
            yield relation


def _name(relation: models.ManyToOneRel) -> str:
    return f"{relation.related_model._meta.label}.{relation.field.name}"


def _move(relation: models.ManyToOneRel, absorbed: Contact, kept: Contact) -> list[Any]:
    rows = relation.related_model._base_manager.filter(**{relation.field.name: absorbed})
    for others in _unique_with(relation):
        clash = relation.related_model._base_manager.filter(
            **{relation.field.name: kept}, **{other: OuterRef(other) for other in others}
        )
        rows = rows.exclude(Exists(clash))
    ids = list(rows.values_list("pk", flat=True))
    for some in _some(relation, ids, absorbed):
        some.update(**{relation.field.name: kept})
    return ids


def _unique_with(relation: models.ManyToOneRel) -> Iterator[list[str]]:
    """Yield, for each unique constraint that the relation is part of, its other fields."""
    for constraint in relation.related_model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and relation.field.name in constraint.fields:
            yield [field for field in constraint.fields if field != relation.field.name]


def _some(relation: models.ManyToOneRel, ids: list[Any], whose: Contact) -> Iterator[models.QuerySet[Any]]:
    """Yield the rows with these ids that are still `whose`, a thousand at a time."""
    for start in range(0, len(ids), _AT_ONCE):
        yield relation.related_model._base_manager.filter(
            pk__in=ids[start : start + _AT_ONCE], **{relation.field.name: whose}
        )


def _refresh(kept: Contact, absorbed: Contact) -> None:
    refresh_search([kept.pk, absorbed.pk])
    for contact in (kept, absorbed):
        contact.refresh_from_db(fields=["search"])
