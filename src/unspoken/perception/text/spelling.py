"""Mend slips of the keyboard before a text is cut into word pieces, so that one wrong letter changes no reading. Pure.

A word that is not known, and no form or compound of known words, is read as a known word one slip away from it (two
letters swapped, one missing, one too many, one beside the right key; Damerau 1964) where one such word is clearly the
likeliest: how often it is written, in powers of two, and how usual the slip, as in a noisy channel (Kernighan, Church &
Gale 1990). What may be meant as it stands is left alone: short words, masks, addresses, codes, hashtags, words with
digits or hyphens, capitals within a sentence, stretched words ("soooo"), laughter, variants such as "organise", and
texts in which most words are unknown.
"""

import gzip
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from unspoken.perception.text.persons import Masked

FILE = "spelling.gz"
SHORTEST = 4  # letters
# How usual a slip is, in powers of two, beside a stray letter.
_SWAPPED, _MISSING, _DOUBLE_MISSING, _DOUBLED, _NEIGHBOUR_ADDED, _NEIGHBOUR, _STRAY = 5.5, 5.0, 6.5, 5.0, 3.0, 4.0, 0.0
_NEEDED = 8.5  # what a word of four letters needs, frequency and slip together; a longer one less, letter by letter
_NEEDED_LEAST = 4.0
_CAPITAL, _NO_VOWEL, _BUILT = 1.5, 3.0, 3.0  # needed beside: it may be a name, an abbreviation, a form of a known word
_LEAD = 2.0  # over the second likeliest
_FIRST_LETTER = 9  # words so usual are found with their first two letters swapped too
_COMPOUND, _SHORT_STEM = 4, 6  # how usual the parts of a compound are, and a stem of three letters
_FEW, _MOST = 3, 0.6  # with more unknown words, and more of all words, a text is left alone
_CACHED = 8_192

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
BESIDE = {
    "a": "qsz", "b": "vgn", "c": "xdv", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bmh", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "yij", "v": "cbf", "w": "qes", "x": "zcs", "y": "tuh", "z": "xas",
}  # fmt: skip
_LONG_WORD = re.compile(r"[a-z][a-z']{2,}[a-z]")
_FREE_WORD = re.compile(r"(?<![\w@#/\\.:&$=+*~<>'’-])[A-Za-z]+(?:['’][A-Za-z]+)?(?![\w@#/\\&=+*~<>'’-]|[.:]\w)")
_MEANT = re.compile(r"(..)\1|(.)\2\2$|([aeiouyh])\3\3")  # laughter, stretched words
_VOWELS = frozenset("aeiouy")
_PREFIXES = ("un", "re", "mis", "dis", "over", "out", "non", "pre", "anti", "super", "under")
_SUFFIXES = (
    "s", "es", "ed", "d", "ing", "er", "r", "ers", "rs", "est", "ly", "y", "ness", "less", "ful", "able", "ible", "ish",
    "ist", "ism", "ment", "ity", "ies", "ied", "ier", "iest", "ily", "like", "wise", "ette", "esque", "ation", "al",
    "ally", "ic", "ize", "ise", "ized", "ised", "or", "in", "'d", "'ll", "'re", "'ve", "n't",
)  # fmt: skip
_ENDINGS = ("s", "d", "ed", "ing", "er", "ly", "es", "g")  # of what the word may be the stem, or a spoken "-in"
_VARIANTS = (
    (re.compile("our"), "or"), (re.compile("is"), "iz"), (re.compile("ys"), "yz"), (re.compile("[ao]e"), "e"),
    (re.compile("ogue"), "og"), (re.compile("ll(?=ed|ing|er|or|ous|est|ist)"), "l"), (re.compile("(?<=[bt])re$"), "er"),
    (re.compile("ence"), "ense"),
)  # fmt: skip


class Spelling:
    """The known words and how usual each is. Safe to use from several threads."""

    def __init__(self, usual: dict[str, int]) -> None:
        """usual: words in lower case with log2 of how often they are written; 0: known, but nothing is mended to it."""
        self._usual = usual
        targets = [word for word, often in usual.items() if often and len(word) >= SHORTEST]
        self._forwards, self._backwards = sorted(targets), sorted(word[::-1] for word in targets)
        self._found = lru_cache(_CACHED)(self._likeliest)

    def mended(self, masked: Masked) -> Masked:
        """Return the text with its slips mended; its pieces still lead to the original's characters."""
        text = masked.text
        changes = self._changes(text)
        if not changes:
            return masked
        there = masked.originals([(start, end) for start, end, _ in changes])
        pieces = [(start, end, word, *place) for (start, end, word), place in zip(changes, there, strict=True)]
        pieces += [(start, end, text[start:end], begin, stop) for start, end, begin, stop in masked.masks]
        parts: list[str] = []
        masks = []
        done = length = 0
        for start, end, word, begin_there, end_there in sorted(pieces):
            parts += text[done:start], word
            length += start - done
            masks.append((length, length + len(word), begin_there, end_there))
            length += len(word)
            done = end
        return Masked("".join((*parts, text[done:])), tuple(masks))

    def _changes(self, text: str) -> list[tuple[int, int, str]]:
        """Return what is to be written instead (start, end, word), from left to right."""
        words = set(_LONG_WORD.findall(text.lower().replace("’", "'")))
        strange = words.difference(self._usual)
        if not strange or "`" in text or _FEW < len(strange) > _MOST * len(words):
            return []
        shouted = text.isupper()
        return [
            (start, start + len(word), better)
            for start, word in _free(text)
            if (plain := word.lower()) not in self._usual
            if (capital := _capital(text, start, word, shouted=shouted)) is not None
            if (better := self._found(plain, capital))
        ]

    def _likeliest(self, word: str, capital: bool) -> str:
        """Return the word that `word` is a slip of, or ''."""
        if len(word) < SHORTEST or word in self._usual or _MEANT.search(word):
            return ""
        needed = max(_NEEDED_LEAST, _NEEDED - (len(word) - SHORTEST)) + capital * _CAPITAL
        needed += _NO_VOWEL * _VOWELS.isdisjoint(word) + _BUILT * self._is_built(word)
        chances: dict[str, float] = {}
        for other, slip in self._near(word):
            chances[other] = max(chances.get(other, 0.0), self._usual[other] + slip)
        (best, chance), (_, second) = (sorted(chances.items(), key=lambda one: -one[1]) + [("", 0.0)] * 2)[:2]
        return best if chance >= needed and chance - second >= _LEAD and not _is_variant(word, best) else ""

    def _near(self, word: str) -> Iterator[tuple[str, float]]:
        """Yield the known words one slip away, each with how usual that slip is."""
        usual, end = self._usual, len(word)
        first, last = end - _shared(self._backwards, word[::-1]), _shared(self._forwards, word)
        if usual.get(word[1] + word[0] + word[2:], 0) >= _FIRST_LETTER:
            yield word[1] + word[0] + word[2:], _SWAPPED
        for at in range(max(1, first - 2), min(end, last + 1)):  # what lies outside fits no known word
            head, here, tail = word[:at], word[at], word[at + 1 :]
            others = [(head + tail, _added(head[-1], here, tail[:1]))]
            if tail:
                others.append((head + tail[0] + here + tail[1:], _SWAPPED))
            beside = BESIDE.get(here, "")
            others += [(head + one + tail, _NEIGHBOUR if one in beside else _STRAY) for one in _LETTERS]
            yield from ((other, slip) for other, slip in others if usual.get(other))
        for at in range(max(1, first), min(end, last) + 1):
            head, tail = word[:at], word[at:]
            for one in _LETTERS:
                if usual.get(head + one + tail):
                    yield head + one + tail, _DOUBLE_MISSING if one == head[-1] else _MISSING

    def _is_built(self, word: str) -> bool:
        """Tell whether a word may be a form of a known word, or two words in one."""
        usual = self._usual

        def stem(part: str) -> bool:
            return part in usual and (len(part) >= SHORTEST or (len(part) == 3 and usual[part] >= _SHORT_STEM))

        if any(word + ending in usual for ending in _ENDINGS):
            return True
        if any(word.startswith(prefix) and stem(word[len(prefix) :]) for prefix in _PREFIXES):
            return True
        for suffix in _SUFFIXES:
            bare = word.removesuffix(suffix)
            if bare != word and bare[-1:] != suffix and any(map(stem, _stems(bare, suffix))):
                return True
        parts = ((usual.get(word[:at], 0), usual.get(word[at:], 0)) for at in range(3, len(word) - 2))
        return any(min(both) >= _COMPOUND for both in parts)


def load(path: Path) -> Spelling:
    """Read the known words that `training.text.spelling` wrote: a line for each power of two, which comes first."""
    usual: dict[str, int] = {}
    for line in gzip.decompress(path.read_bytes()).decode("ascii").splitlines():
        if not line.startswith("#"):
            often, *words = line.split()
            usual.update(dict.fromkeys(words, int(often)))
    return Spelling(usual)


def _free(text: str) -> Iterator[tuple[int, str]]:
    """Yield the words that stand for themselves (start, word), without a possessive "'s"."""
    for found in _FREE_WORD.finditer(text):
        word = found[0].replace("’", "'")
        yield found.start(), word[:-2] if word[-2:].lower() == "'s" else word


def _capital(text: str, start: int, word: str, *, shouted: bool) -> bool | None:
    """Return whether a word begins with a capital letter; None where its capitals say that it is meant as it stands."""
    if word.islower() or (shouted and word.isupper()):
        return False
    before = text[:start].rstrip(" \"'“‘(")
    return True if word.istitle() and (not before or before[-1] in ".!?\n") else None


def _added(before: str, letter: str, after: str) -> float:
    """Return how usual it is that a letter slips in between two."""
    if letter == before:
        return _DOUBLED
    return _NEIGHBOUR_ADDED if letter in BESIDE.get(before, "") + BESIDE.get(after, "") else _STRAY


def _stems(bare: str, suffix: str) -> Iterator[str]:
    """Yield what a word without its suffix may be a form of ("hop", "hope" of "hoping"; "happy" of "happily")."""
    yield bare
    if suffix[0] in _VOWELS:
        if bare[-1:] != "e":
            yield bare + "e"
        if len(bare) > 3 and bare[-1] == bare[-2]:
            yield bare[:-1]
        if suffix[0] == "i":
            yield bare + "y"


def _is_variant(word: str, other: str) -> bool:
    """Tell whether two words are ways to write one ("organise", "organize")."""
    return any(ending.sub(new, a) == b for ending, new in _VARIANTS for a, b in ((word, other), (other, word)))


def _shared(ordered: Sequence[str], word: str) -> int:
    """Return how many first letters `word` shares with one of the ordered words."""
    place = bisect_left(ordered, word)
    most = 0
    for other in ordered[max(0, place - 1) : place + 1]:
        shared = 0
        for one, two in zip(word, other, strict=False):
            if one != two:
                break
            shared += 1
        most = max(most, shared)
    return most
