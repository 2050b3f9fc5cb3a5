"""Contacts as rows of a table: reading those of others, writing our own; safe to open in a spreadsheet."""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from unspoken.intake.inbound import Handle
from unspoken.kit.outside_json import parsed
from unspoken.people.models import IdentityKind

from ..cards import Card
from ..pieces import Refused

HEADERS = (
    "name", "title", "organisation", "email", "phone", "chat", "social", "external", "city", "country", "language",
    "tags", "attributes",
)  # fmt: skip
_HANDLES = ("email", "phone", "chat", "social", "external")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_PARTS = re.compile(r"(?:^|;)((?:\\.|[^\\;])*)", re.DOTALL)


def card_of(row: Mapping[str, str], columns: Mapping[str, str], *, source: str) -> Card:
    """Return the contact that a row tells of; `columns` by field. Raises Refused."""
    cells = {field: _opened(row.get(column, "").strip()) for field, column in columns.items()}
    country, attributes = cells.get("country", ""), _attributes(cells.get("attributes", ""))
    two_letters = len(country) == 2 and country.isascii() and country.isalpha()
    if country and not two_letters:
        attributes.setdefault("country", country)
    name = cells.get("name") or " ".join(filter(None, (cells.get("first_name"), cells.get("last_name"))))
    return Card(
        name=name, title=cells.get("title", ""), organisation=cells.get("organisation", ""), city=cells.get("city", ""),
        country=country.upper() if two_letters else "", language=cells.get("language", ""),
        handles=tuple(
            Handle(kind=IdentityKind(field), value=_with_source(value, source) if field == "external" else value)
            for field in _HANDLES
            for value in _several(cells.get(field, ""))
        ),
        tags=_several(cells.get("tags", "")), attributes=attributes,
    )  # fmt: skip


def write(cards: Iterable[Card], file: TextIO) -> int:
    """Write cards as CSV; return how many. No cell can be taken for a formula by a spreadsheet."""
    writer = csv.writer(file)
    writer.writerow(HEADERS)
    count = 0
    for card in cards:
        writer.writerow([_guarded(cell) for cell in _cells(card)])
        count += 1
    return count


def _cells(card: Card) -> list[str]:
    told: dict[str, str] = {
        "name": card.name, "title": card.title, "organisation": card.organisation, "city": card.city,
        "country": card.country, "language": card.language, "tags": _joined(card.tags),
        "attributes": json.dumps(card.attributes, ensure_ascii=False, sort_keys=True) if card.attributes else "",
    }  # fmt: skip
    for field in _HANDLES:
        told[field] = _joined(handle.value for handle in card.handles if handle.kind == field)
    return [told[header] for header in HEADERS]


def _guarded(cell: str) -> str:
    """Return a cell with an apostrophe before what a spreadsheet would run (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _opened(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _joined(values: Iterable[str]) -> str:
    return "; ".join(value.replace("\\", "\\\\").replace(";", "\\;") for value in values)


def _several(cell: str) -> tuple[str, ...]:
    values = (re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL).strip() for part in _PARTS.findall(cell))
    return tuple(dict.fromkeys(value for value in values if value))


def _attributes(cell: str) -> dict[str, Any]:
    if not cell:
        return {}
    try:
        told = parsed(cell)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Refused("attributes", 'are no JSON object, such as {"size": "M"}.')
    return told


def _with_source(value: str, source: str) -> str:
    return value if ":" in value else f"{source}:{value}"
