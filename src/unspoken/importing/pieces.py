"""What a file is cut into, and what is said of a piece that cannot be used."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar

from unspoken.intake.validation import Problem

T = TypeVar("T")

LONGEST_PIECE = 64 * 1024 * 1024
"""Bytes or characters of one piece (a row, a mail with attachments, a dialogue) that are held in memory at most."""


class UnusableFile(Exception):  # noqa: N818 - a file, named as the command says it
    """Nothing of a file can be used; the message says why and what to do."""


class Refused(Exception):  # noqa: N818 - what happened to the piece
    """A piece cannot be used; `problem` names the field and what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.problem = Problem(field, message)


@dataclass(frozen=True, slots=True)
class Piece:
    """A row, mail, dialogue, call or card: the line it begins in (from 1), what it says, and how it was written.

    `number` counts the pieces of a file from 1. `problem`: it could not even be taken apart.
    """

    number: int
    line: int
    content: Any
    raw: str | bytes
    problem: Problem | None = None
    file: str = ""  # in a folder: the file's name


@dataclass(frozen=True, slots=True)
class Rejected:
    """A piece that was not taken in, and why."""

    piece: Piece
    problem: Problem


@dataclass(frozen=True, slots=True)
class Group(Generic[T]):
    """Some pieces in order, up to and including piece number `end`: what came of them, and those rejected."""

    end: int
    taken: list[tuple[Piece, T]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def groups(
    pieces: Iterable[Piece], convert: Callable[[Piece], Iterable[T]], *, size: int, after: int = 0
) -> Iterator[Group[T]]:
    """Convert the pieces after number `after` and yield them in groups of whole pieces, about `size` things each."""
    group: Group[T] = Group(after)
    for piece in islice(pieces, after, None):
        taken, rejected = [*group.taken], [*group.rejected]
        try:
            if piece.problem:
                raise Refused(piece.problem.field, piece.problem.message)
            taken += [(piece, thing) for thing in convert(piece)]
        except Refused as refused:
            rejected.append(Rejected(piece, refused.problem))
        group = Group(piece.number, taken, rejected)
        if len(taken) + len(rejected) >= size:
            yield group
            group = Group(piece.number)
    if group.taken or group.rejected:
        yield group
