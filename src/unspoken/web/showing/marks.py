"""A customer's words with the ones that carried a reading marked by how much they carried it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

EXCERPT = 280
"""Characters of a message that a flag quotes."""

SHOWN = 20_000
"""Characters of one message that a page shows; the whole stands behind a link."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters start…end (exclusive), the label that they carried, and how heavily: 1 (lightly) … 4 (most)."""

    start: int
    end: int
    label: str
    heaviness: int


def marks(spans: Iterable[Sequence[object]], length: int) -> list[Mark]:
    """Return marks in order of place, none overlapping (the heavier wins), from [start, end, label, weight] rows."""
    carrying = [
        (float(str(weight)), int(str(start)), int(str(end)), str(label))
        for start, end, label, weight in spans
        if float(str(weight)) > 0
    ]
    if not carrying:
        return []
    heaviest = max(weight for weight, *_ in carrying)
    chosen: list[Mark] = []
    for weight, start, end, label in sorted(carrying, reverse=True):
        end = min(end, length)
        if 0 <= start < end and all(end <= mark.start or start >= mark.end for mark in chosen):
            chosen.append(Mark(start, end, label, min(4, 1 + int(4 * weight / heaviest * 0.999))))
    return sorted(chosen, key=lambda mark: mark.start)


def marked(text: str, spans: Iterable[Sequence[object]]) -> SafeString:
    """Return `text` escaped, its carrying words wrapped in <mark>; text beyond `SHOWN` characters is left out."""
    shown = text[:SHOWN]
    parts: list[str] = []
    at = 0
    for mark in marks(spans, len(shown)):
        parts.append(escape(shown[at : mark.start]))
        words = escape(shown[mark.start : mark.end])
        parts.append(f'<mark class="w{mark.heaviness}" title="carried {escape(mark.label)}">{words}</mark>')
        at = mark.end
    parts.append(escape(shown[at:]))
    return mark_safe("".join(parts))  # noqa: S308 every part was escaped above


def excerpt(text: str, spans: Iterable[Sequence[object]]) -> SafeString:
    """Return up to `EXCERPT` characters of `text` around its first mark, marked like `marked`."""
    found = marks(spans, len(text))
    start = max(0, found[0].start - EXCERPT // 3) if found and len(text) > EXCERPT else 0
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = start + EXCERPT
    moved = [
        (mark.start - start, mark.end - start, mark.label, mark.heaviness)
        for mark in found
        if start <= mark.start and mark.end <= end
    ]
    words = marked(text[start:end], moved)
    return mark_safe(("… " if start else "") + words + (" …" if end < len(text) else ""))  # noqa: S308 escaped above
