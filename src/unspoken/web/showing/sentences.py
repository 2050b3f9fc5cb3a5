"""A contact's sentence, cut into pieces of which each clause leads to its evidence."""

from dataclasses import dataclass
from datetime import UTC, datetime

from unspoken.affect.sentence import Clause, Sentence


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the sentence; a clause has its evidence: the newest first, each the id of a reading."""

    text: str
    evidence: tuple[str, ...] = ()
    stale: bool = False
    last_at: datetime | None = None


def pieces(sentence: Sentence) -> list[Piece]:
    """Return the sentence's text in order, clauses apart from the words between them."""
    found: list[Piece] = []
    at = 0
    for clause in sentence.clauses:
        start = sentence.text.lower().find(clause.text.lower(), at)
        if start < 0:
            continue
        if start > at:
            found.append(Piece(sentence.text[at:start]))
        found.append(_piece(clause, sentence.text[start : start + len(clause.text)]))
        at = start + len(clause.text)
    return [*found, Piece(sentence.text[at:])] if at < len(sentence.text) else found


def _piece(clause: Clause, text: str) -> Piece:
    return Piece(text, clause.evidence, clause.stale, datetime.fromtimestamp(clause.last_at, UTC))
