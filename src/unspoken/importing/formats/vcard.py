"""vCard 2.1, 3 and 4: reading cards, and writing them as version 4 (RFC 6350)."""

import json
import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from unspoken.intake.inbound import Handle
from unspoken.kit.outside_json import parsed
from unspoken.people.models import IdentityKind

from ..cards import Card
from ..encodings import numbered_lines, require_text
from ..pieces import LONGEST_PIECE, Piece, Refused

_LONGEST_LINE = 75  # bytes, before a line is folded
_NAME = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;(?:[^:;\"]|\"[^\"]*\")*)*):(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CHAT, _SOCIAL, _EXTERNAL, _ATTRIBUTES = "X-CHAT", "X-SOCIALPROFILE", "X-EXTERNAL-ID", "X-ATTRIBUTES"
_HANDLES = {
    "EMAIL": IdentityKind.EMAIL, "TEL": IdentityKind.PHONE, _CHAT: IdentityKind.CHAT, "IMPP": IdentityKind.CHAT,
    _SOCIAL: IdentityKind.SOCIAL, _EXTERNAL: IdentityKind.EXTERNAL,
}  # fmt: skip

_SCHEMES = {"tel", "mailto", "xmpp", "sip", "skype", "aim", "im"}


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card: its name in capitals, its parameters in capitals, its value as written."""

    name: str
    parameters: str
    value: str


def cards(text: TextIO) -> Iterator[Piece]:
    """Yield a piece per card, from BEGIN:VCARD to END:VCARD."""
    number = begins = size = 0
    lines: list[str] = []
    for line, written in numbered_lines(text):
        word = written.strip("\ufeff \t\r\n").upper()
        if word == "BEGIN:VCARD":
            if lines:
                number += 1
                yield Piece(number, begins, None, "".join(lines), Refused("card", "does not end.").problem)
            lines, begins, size = [], line, 0
        if lines or word == "BEGIN:VCARD":
            size += len(written)
            lines += [written] if size < LONGEST_PIECE else []
        if word == "END:VCARD" and lines:
            number += 1
            yield Piece(number, begins, lines, "".join(lines))
            lines = []
    if lines:
        yield Piece(number + 1, begins, None, "".join(lines), Refused("card", "does not end.").problem)


def card_of(piece: Piece) -> Card:
    """Return the contact that a card tells of; raises Refused."""
    require_text(piece.raw if isinstance(piece.raw, str) else "")
    properties = list(_properties(piece.content))
    handles = _handles(properties)
    name = _first(properties, "FN") or " ".join(_parts(_raw(properties, "N"))[1::-1]).strip()
    address = _parts(_raw(properties, "ADR"))
    country = address[6].strip() if len(address) > 6 else ""
    two_letters = len(country) == 2 and country.isascii() and country.isalpha()
    attributes = _attributes(_first(properties, _ATTRIBUTES))
    if country and not two_letters:
        attributes.setdefault("country", country)
    return Card(
        name="" if name in {handle.value for handle in handles} else name,
        title=_first(properties, "TITLE"), organisation=(_parts(_raw(properties, "ORG")) or [""])[0].strip(),
        city=address[3].strip() if len(address) > 3 else "", country=country.upper() if two_letters else "",
        language=_first(properties, "LANG")[:12], handles=handles, attributes=attributes,
        tags=tuple(dict.fromkeys(tag for tag in map(str.strip, _parts(_raw(properties, "CATEGORIES"), at=",")) if tag)),
    )  # fmt: skip


def _properties(lines: Sequence[str]) -> Iterator[Property]:
    for line in _unfolded(lines):
        match = _NAME.fullmatch(line)
        if match:
            parameters, value = match[2].upper(), match[3]
            if "QUOTED-PRINTABLE" in parameters:
                value = quopri.decodestring(value.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")
            yield Property(match[1].upper(), parameters, value)


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    """Yield whole lines: one that begins with a blank goes on with the one before, as does one after a final `=`."""
    whole: list[str] = []
    soft = False
    for written in lines:
        line = written.rstrip("\r\n")
        if whole and soft:
            whole[-1] = whole[-1][:-1]
            whole.append(line)
        elif whole and line[:1] in {" ", "\t"}:
            whole.append(line[1:])
        else:
            if whole:
                yield "".join(whole)
            whole = [line]
        soft = line.endswith("=") and "QUOTED-PRINTABLE" in whole[0].upper()
    if whole:
        yield "".join(whole)


def _handles(properties: Sequence[Property]) -> tuple[Handle, ...]:
    found: list[tuple[bool, Handle]] = []
    for one in properties:
        value = _plain(one.value).strip()
        if one.name in _HANDLES and value:
            scheme, colon, rest = value.partition(":")
            if colon and scheme.lower() in _SCHEMES:
                value = rest.partition(";")[0]  # tel:+44…;ext=5
            found.append(("PREF" not in one.parameters, Handle(kind=_HANDLES[one.name], value=value)))
    if not found and (uid := _first(properties, "UID")):
        found.append((False, Handle(kind=IdentityKind.EXTERNAL, value=f"vcard:{uid}")))
    return tuple(handle for _, handle in sorted(found, key=lambda one: one[0]))


def _attributes(written: str) -> dict[str, Any]:
    try:
        told = parsed(written) if written else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _raw(properties: Sequence[Property], name: str) -> str:
    return next((one.value for one in properties if one.name == name and one.value.strip(";, ")), "")


def _first(properties: Sequence[Property], name: str) -> str:
    return _plain(_raw(properties, name)).strip()


def _parts(value: str, *, at: str = ";") -> list[str]:
    """Return the parts of a value, cut where `at` stands without a backslash."""
    return [_plain(part) for part in re.findall(rf"(?:^|{at})((?:\\.|[^\\{at}])*)", value, re.DOTALL)] if value else []


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def written(card: Card) -> str:
    """Return a card as vCard 4, lines folded and ended as the standard has it."""
    name = card.name or (card.handles[0].value if card.handles else "?")
    lines = ["BEGIN:VCARD", "VERSION:4.0", f"FN:{_escaped(name)}"]
    names = {kind: name for name, kind in reversed(_HANDLES.items()) if name != "IMPP"}
    lines += [f"{names[handle.kind]}:{_escaped(handle.value)}" for handle in card.handles]
    lines += [f"ORG:{_escaped(card.organisation)}"] if card.organisation else []
    lines += [f"TITLE:{_escaped(card.title)}"] if card.title else []
    if card.city or card.country:
        lines.append(f"ADR:;;;{_escaped(card.city)};;;{_escaped(card.country)}")
    lines += [f"LANG:{_escaped(card.language)}"] if card.language else []
    lines += ["CATEGORIES:" + ",".join(map(_escaped, card.tags))] if card.tags else []
    if card.attributes:
        lines.append(f"{_ATTRIBUTES}:{_escaped(json.dumps(card.attributes, ensure_ascii=False))}")
    return "".join(map(_folded, [*lines, "END:VCARD"]))


def _escaped(value: str) -> str:
    for letter in ("\\", ";", ","):
        value = value.replace(letter, f"\\{letter}")
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a line cut into pieces of at most 75 bytes, no character divided."""
    pieces, present, size = [], "", 0
    for letter in line:
        width = len(letter.encode("utf-8", "replace"))
        if size + width > _LONGEST_LINE:
            pieces.append(present)
            present, size = " ", 1
        present += letter
        size += width
    return "\r\n".join([*pieces, present]) + "\r\n"
