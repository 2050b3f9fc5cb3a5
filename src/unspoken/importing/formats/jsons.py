"""JSON: one object a line, an array of objects, or an object that holds such an array; read as a stream."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from unspoken.intake.validation import Problem

from ..encodings import numbered_lines, require_text
from ..pieces import LONGEST_PIECE, Piece, Refused, UnusableFile

_CHUNK = 256 * 1024
_BLANK = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def by_line(text: TextIO) -> Iterator[Piece]:
    """Yield a piece per line that is not blank."""
    number = 0
    for line, written in numbered_lines(text):
        if not written.strip("\ufeff \t\r\n\x00"):
            continue
        number += 1
        try:
            require_text(written)
            content = json.loads(written.removeprefix("\ufeff"))
            problem = None if isinstance(content, dict) else Problem("line", "is JSON, but no object: expected {…}.")
        except Refused as refused:
            content, problem = None, refused.problem
        except (ValueError, RecursionError) as error:
            content, problem = None, Problem("line", f"is no JSON: {error}.")
        yield Piece(number, line, content, written, problem)


class _Stream:
    """A text of which the beginning can be decoded before the rest is read."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._buffer, self._at, self.line = text, "", 0, 1

    def next_sign(self) -> str:
        """Return the next character that is neither blank nor a comma, without taking it; '' at the end."""
        while True:
            match = _BLANK.match(self._buffer, self._at)
            self._move(match.end() if match else self._at)
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def skip(self) -> None:
        """Take one character."""
        self._move(self._at + 1)

    def value(self) -> tuple[Any, str]:
        """Take one value and return it with how it was written; raises ValueError."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) or not self._more():
                    raw = self._buffer[self._at : end]
                    self._move(end)
                    return value, raw
            except RecursionError as error:
                raise ValueError("it is nested too deeply") from error
            except ValueError:
                if len(self._buffer) - self._at > LONGEST_PIECE or not self._more():
                    raise

    def rest(self) -> str:
        """Return the beginning of what is left."""
        return self._buffer[self._at : self._at + 1000]

    def _move(self, to: int) -> None:
        self.line += self._buffer.count("\n", self._at, to)
        self._at = to

    def _more(self) -> bool:
        left = self._buffer[self._at :]
        read = self._text.read(max(_CHUNK, len(left)))  # doubling, so that one long value is not tried too often
        self._buffer, self._at = left + read, 0
        return bool(read)


def from_array(text: TextIO) -> Iterator[Piece]:
    """Yield a piece per object of the array, or of the arrays within the object, that the file is."""
    stream = _Stream(text)
    for number, (line, value, raw, problem) in enumerate(_elements(stream), 1):
        try:
            require_text(raw)
        except Refused as refused:
            problem = refused.problem
        if problem is None and not isinstance(value, dict):
            problem = Problem("line", "is JSON, but no object: expected {…}.")
        yield Piece(number, line, value, raw, problem)


def _elements(stream: _Stream) -> Iterator[tuple[int, Any, str, Problem | None]]:
    if stream.next_sign() == "\ufeff":
        stream.skip()
    if stream.next_sign() == "[":
        yield from _array(stream)
        return
    stream.skip()
    while stream.next_sign() == '"':
        try:
            stream.value()
            if stream.next_sign() == ":":
                stream.skip()
            if stream.next_sign() != "[":
                stream.value()
                continue
        except ValueError as error:
            yield stream.line, None, stream.rest(), _broken(error)
            return
        yield from _array(stream)


def _array(stream: _Stream) -> Iterator[tuple[int, Any, str, Problem | None]]:
    stream.skip()
    while (sign := stream.next_sign()) not in {"]", ""}:
        line = stream.line
        try:
            value, raw = stream.value()
        except ValueError as error:
            yield line, None, stream.rest(), _broken(error)
            return
        yield line, value, raw, None
    if not sign:
        yield stream.line, None, "", Problem("line", "the file ends before its array does; it may be cut off.")
    stream.skip()


def _broken(error: ValueError) -> Problem:
    return Problem("line", f"is no JSON from here on ({error}); what follows was not read. Mend it and import again.")


def require_objects(pieces: Sequence[Piece]) -> None:
    """Raise UnusableFile when none of the first pieces could be read."""
    if all(piece.problem for piece in pieces):
        raise UnusableFile("The file looks like JSON but holds no objects that can be read. Nothing was imported.")
