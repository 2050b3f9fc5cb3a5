"""Which words name a group of people: nationalities, religions, origins and orientations (`groups.txt`). Pure."""

import re
from functools import lru_cache
from pathlib import Path

DENOMINATION = r"(?:Roman|Eastern|Greek|Russian)\s+(?:Catholic|Orthodox)|Native\s+American"
_ONLY_CAPITAL = frozenset(
    ["Pole", "Polish", "Dane", "Turk", "Finn", "Swede", "Scot", "Brit"]
)  # other words in lower case
_OF_PEOPLE = frozenset(["black", "white", "brown", "straight"])  # of anything else they are colours, and ways
_PEOPLE = """people person folks man men woman women guy guys girl girls boy boys lady ladies gentleman gentlemen male
males female females teen teens teenager teenagers kid kids child children couple couples family families parent parents
mother mothers father fathers mom moms mum mums dad dads neighbour neighbours neighbor neighbors community communities
customer customers client clients patient patients"""
_THEN_PEOPLE = re.compile(rf"\s(?:{'|'.join(_PEOPLE.split())})\b", re.IGNORECASE)
_IS_A = r"(?:\s(?:is|am|are|was|were)|['’](?:s|m|re))(?:\s(?:also|just|only|not))?\sa\s"
_SOMEBODY_IS_A = re.compile(rf"(?:(?:\b(?:i|he|she|you|who)|\[NAME\]){_IS_A}|\bas\sa\s)$", re.IGNORECASE)
_NAMED_IS_A = re.compile(_IS_A)
_LONGEST_BEFORE = 24  # characters of "[NAME] were also a "


def listed(file: str) -> str:
    """Return a list of words that lies beside this file, without its remarks."""
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


@lru_cache(maxsize=1)
def _groups() -> frozenset[str]:
    return frozenset(listed("groups.txt").split())


def telling() -> set[str]:
    """Return every word, in lower case, that names a group or part of one, alone or in its place."""
    capitals = {f"{one.lower()}{end}" for one in _ONLY_CAPITAL for end in ("", "s")}
    return {*_groups(), *(f"{group}s" for group in _groups()), *capitals, *_OF_PEOPLE, "catholic", "orthodox"}


def is_group(text: str, start: int, end: int, named: int) -> bool:
    """Return whether the word from start to end names a group of people; named: where the last name before it ends."""
    word = text[start:end]
    lower = word.lower()
    if lower in _OF_PEOPLE:
        before = text[max(0, start - _LONGEST_BEFORE) : start]
        somebody = _SOMEBODY_IS_A.search(before) or (named >= 0 and _NAMED_IS_A.fullmatch(text, named, start))
        return bool(somebody or _THEN_PEOPLE.match(text, end))
    groups = _groups()
    return lower in groups or (lower[-1] == "s" and lower[:-1] in groups) or word.removesuffix("s") in _ONLY_CAPITAL
