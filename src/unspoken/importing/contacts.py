"""Contacts from CSV, JSON or vCard files into the record, and out of it again."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

from django.db import transaction

from unspoken.intake.inbound import Handle
from unspoken.journal.actions import record
from unspoken.people.models import Contact, IdentityKind
from unspoken.people.queries import visible_contacts
from unspoken.staff.models import Member
from unspoken.staff.permissions import Permission, require

from . import columns as known_columns
from .cards import Card, bring_in, keys_of
from .consents import Basis, state_basis
from .counting import Distinct
from .encodings import open_text
from .events import FileExported, FileImported
from .formats import contact_rows, vcard
from .opening import Column, Opened, cutting, looked_at, said_of
from .pieces import Group, Piece, Refused, Rejected, UnusableFile, groups
from .recognition import Shape, recognise
from .rejects import Rejects
from .summary import Clock, Tell
from .tables import flat, samples_of

AT_ONCE = 64  # contacts in one transaction
_TRUST = [kind.value for kind in IdentityKind]
_ROWS = {Shape.CSV, Shape.JSON_LINES, Shape.JSON_ARRAY}


@dataclass(slots=True)
class ContactSummary:
    """What came of a file. counts: made, filled (something was added), unchanged, rejected, consents."""

    counts: Counter[str] = field(default_factory=Counter)
    rejects: Path | None = None


def open_contacts(path: Path, *, mapping: Sequence[str] = (), source: str = "") -> Opened[Card]:
    """Open a file of contacts; raises UnusableFile when nothing of it can be used."""
    found = recognise(path)
    codec = found.encoding.codec
    if found.shape == Shape.VCARD:
        return Opened(
            path, said_of(found), lambda file: vcard.cards(open_text(file, codec)), lambda one: [vcard.card_of(one)]
        )
    if found.shape not in _ROWS:
        raise UnusableFile(f"{path} is {found.shape}; contacts come in as CSV, JSON or vCard. Nothing was imported.")
    cut, said, headers = cutting(found)
    with path.open("rb") as file:
        rows = [flat(piece.content) for piece in looked_at(cut(file)) if piece.problem is None]
    headers = headers or list(dict.fromkeys(name for row in rows for name in row))
    columns = known_columns.mapping_of(headers, mapping, known_columns.CONTACT_FIELDS)
    if not {"email", "phone", "chat", "social", "external"} & columns.keys():
        raise UnusableFile(
            f"No column of {path} tells how a contact is reached. It has: {', '.join(headers)[:500]}. "
            "Say which with --mapping email=COLUMN (or phone, chat, social, external)."
        )
    meanings = {column: meaning for meaning, column in columns.items()}
    shown = [Column(header, meanings.get(header, ""), samples_of(rows, header)) for header in headers]
    whence = source.strip() or f"import:{path.resolve().stem[:50]}"

    def convert(piece: Piece) -> list[Card]:
        return [contact_rows.card_of(flat(piece.content), columns, source=whence)]

    return Opened(path, said, cut, convert, columns=shown)


def take_contacts_in(
    opened: Opened[Card],
    *,
    clock: Clock,
    basis: Basis | None,
    folder: Path | None,
    tell: Tell,
    by: Member | None = None,
) -> ContactSummary:
    """Import a file of contacts; what is on record stays. folder: for rejected lines; None: nothing is stored at all.

    Raises NotAllowed when `by` may not import.
    """
    require(by, Permission.IMPORT)
    if basis:
        require(by, Permission.RECORD_CONSENTS)
    summary, seen = ContactSummary(), Distinct()
    rejects = Rejects(opened.path, folder=folder) if folder else None
    for group in groups(opened.pieces(), opened.convert, size=AT_ONCE):
        rejected = _rehearse(group, clock(), summary, seen) if rejects is None else _take_in(
            group, clock(), basis, by, summary
        )  # fmt: skip
        rejected = sorted([*group.rejected, *rejected], key=lambda one: one.piece.number)
        summary.counts["rejected"] += len(rejected)
        if rejects:
            rejects.add(rejected)
        tell(opened.read, opened.size)
    if rejects:
        summary.rejects = rejects.path
        _record(opened.path, basis, summary, by, clock())
    return summary


@transaction.atomic
def _record(path: Path, basis: Basis | None, summary: ContactSummary, by: Member | None, now: datetime) -> None:
    event = FileImported(
        file=path.resolve().name, holds="contacts", basis=basis.words if basis else "", counts=dict(summary.counts),
        actor=by.pk if by else "",
    )  # fmt: skip
    record(event, now=now)


@transaction.atomic
def _take_in(
    group: Group[Card], now: datetime, basis: Basis | None, by: Member | None, summary: ContactSummary
) -> list[Rejected]:
    rejected, contacts = [], []
    for piece, card in group.taken:
        try:
            fate, contact_id = bring_in(card, now=now, by=by)
        except Refused as refused:
            rejected.append(Rejected(piece, refused.problem))
            continue
        summary.counts[fate] += 1
        contacts.append(contact_id)
    if basis and contacts:
        summary.counts["consents"] += state_basis(basis, set(contacts), now=now, by=by)
    return rejected


def _rehearse(group: Group[Card], now: datetime, summary: ContactSummary, seen: Distinct) -> list[Rejected]:
    """Take the contacts in, look what came of it, and take it all back."""
    before = Counter(summary.counts)
    with transaction.atomic():
        rejected = _take_in(group, now, None, None, summary)
        transaction.set_rollback(True)
    refused = {id(one.piece) for one in rejected}
    whole = len(seen)
    first = [":".join(keys_of(card)[0]) for piece, card in group.taken if id(piece) not in refused]
    seen.add(first)
    known_before = len(set(first)) - (len(seen) - whole)  # they were made in an earlier group, and taken back
    moved = min(known_before, summary.counts["made"] - before["made"])
    if moved:
        summary.counts["made"] -= moved
        summary.counts["unchanged"] += moved
    return rejected


def export_contacts(path: Path, *, now: datetime, by: Member | None = None) -> int:
    """Write the contacts that `by` may see to a .csv or .vcf file, whole or not at all; return how many.

    Raises NotAllowed, UnusableFile for another ending.
    """
    if path.suffix.lower() not in {".csv", ".vcf"}:
        raise UnusableFile(f"{path}: write a name that ends in .csv or .vcf. Nothing was written.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("x", encoding="utf-8", newline="") as file:
            unfinished.chmod(0o600)
            count = write_contacts(file, ending=path.suffix.lower(), now=now, by=by)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def write_contacts(file: TextIO, *, ending: str, now: datetime, by: Member | None = None) -> int:
    """Write the contacts that `by` may see as `.csv` or `.vcf`; return how many. Raises NotAllowed."""
    require(by, Permission.EXPORT_CONTACTS)
    if ending == ".csv":
        count = contact_rows.write(_cards(by), file)
    else:
        count = 0
        for card in _cards(by):
            file.write(vcard.written(card))
            count += 1
    with transaction.atomic():
        record(FileExported(count=count, format=ending[1:], actor=by.pk if by else ""), now=now)
    return count


def _cards(by: Member | None) -> Iterator[Card]:
    rows = visible_contacts(by) if by else Contact.objects.filter(merged_into=None)
    rows = rows.select_related("organisation").prefetch_related("identities", "tags").order_by("pk")
    for contact in rows.iterator(chunk_size=500):
        identities = sorted(contact.identities.all(), key=lambda one: (_TRUST.index(one.kind), one.handle))
        yield Card(
            name=contact.name, title=contact.title,
            organisation=contact.organisation.name if contact.organisation else "", city=contact.city,
            country=contact.country, language=contact.language, attributes=contact.attributes,
            handles=tuple(Handle(kind=IdentityKind(one.kind), value=one.handle) for one in identities),
            tags=tuple(sorted(tag.name for tag in contact.tags.all())),
        )  # fmt: skip
