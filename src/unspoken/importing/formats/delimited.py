"""CSV and its kin, whatever the delimiter; one stray quotation mark costs one line, not the rest of the file."""

import csv
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TextIO

from unspoken.intake.validation import Problem

from ..encodings import numbered_lines, require_text
from ..pieces import Piece, Refused, UnusableFile

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LONGEST_FIELD = 12 * 1024 * 1024
"""Characters of one field, a little more than a message may have; a longer one is rejected."""

Line = tuple[int, str]


class _Lines:
    """Lines with their numbers, of which those read too far can be given back."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines, self._back = iter(lines), deque[Line]()
        self.taken: list[Line] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.taken.append(self._back.popleft() if self._back else next(self._lines))
        return self.taken[-1][1]

    def give_back(self) -> None:
        """Give back all lines of the present record but the first."""
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


@dataclass(frozen=True, slots=True)
class Delimited:
    """A CSV file: its delimiter and its headers."""

    delimiter: str
    headers: Sequence[str]

    def pieces(self, text: TextIO) -> Iterator[Piece]:
        """Yield a piece per row, its content by header; `text` from its beginning."""
        number = 0
        for line, values, raw, problem in islice(_records(numbered_lines(text), self), 1, None):
            if problem is None and not any(value.strip() for value in values):
                continue
            number += 1
            content = dict(zip(self.headers, values, strict=False))
            yield Piece(number, line, content, raw, problem or _undecoded(raw))


def delimited_of(sample: str) -> Delimited:
    """Return how the beginning of a CSV file is to be read; raises UnusableFile."""
    csv.field_size_limit(LONGEST_FIELD)
    lines = sample.removeprefix("\ufeff").splitlines(keepends=True)
    if not any(line.strip() for line in lines):
        raise UnusableFile("The file is empty. Nothing was imported.")
    delimiter = max(DELIMITERS, key=lambda one: _fitness(lines, one))
    headers = [header.strip() for header in next(iter(csv.reader(lines, delimiter=delimiter)), [])]
    if not any(headers):
        raise UnusableFile("The first line holds no names of columns. Add a line such as: id,time,author,text")
    return Delimited(delimiter, _distinct(headers))


def _fitness(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """Return how alike the rows are when cut at `delimiter`, and how many columns that makes."""
    try:
        widths = [len(row) for row in islice(csv.reader(lines, delimiter=delimiter), 50) if row]
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] < 2:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def _distinct(headers: Sequence[str]) -> list[str]:
    """Return headers, the second of a name with its number, those without any with their place."""
    seen: Counter[str] = Counter()
    named = []
    for place, header in enumerate(headers, 1):
        name = header or f"column {place}"
        seen[name] += 1
        named.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return named


def _records(lines: Iterable[Line], table: Delimited) -> Iterator[tuple[int, list[str], str, Problem | None]]:
    csv.field_size_limit(LONGEST_FIELD)
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=table.delimiter)
    while True:
        source.taken.clear()
        values: list[str] = []
        problem = None
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = Problem("line", f"cannot be cut into fields: {error}.")
        problem = problem or _misfit(values, source.taken, table)
        if problem and len(source.taken) > 1:
            source.give_back()
        yield source.taken[0][0], values, "".join(line for _, line in source.taken), problem


def _misfit(values: Sequence[str], taken: Sequence[Line], table: Delimited) -> Problem | None:
    """Return what is wrong with the number of a row's fields; a row may lack its last ones, if it is one line."""
    width = len(table.headers)
    if len(taken) > 1 and (len(values) != width or _is_open(taken, table.delimiter)):
        return Problem("line", "opens a quotation mark that is not closed where the row ends; close or double it.")
    if len(values) > width and any(value.strip() for value in values[width:]):
        return Problem(
            "line", f"has {len(values)} fields for {width} columns; put fields that hold the delimiter in quotes."
        )
    if len(taken) == 1 and len(values) < width and _is_open(taken, table.delimiter):
        return Problem("line", "opens a quotation mark that is never closed; close or double it.")
    return None


def _is_open(taken: Sequence[Line], delimiter: str) -> bool:
    if sum(line.count('"') for _, line in taken) % 2 == 0:
        return False
    try:
        list(csv.reader([line for _, line in taken], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _undecoded(raw: str) -> Problem | None:
    try:
        require_text(raw)
    except Refused as refused:
        return refused.problem
    return None
