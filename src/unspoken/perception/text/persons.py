"""Hide who is spoken of before the model sees a text, so that no name can change a reading. Pure.

Names of persons become [NAME]: those that the caller knows (the contact's own), first names from `names.txt` with the
surname that follows, whoever bears a title or speaks and feels in the text, relatives and colleagues ("my mother"),
e-mail addresses and handles. Nationalities, religions, origins and orientations become [RELIGION], which is
GoEmotions' own mask for a group of people: the model has learnt that it says nothing.
Numbers that lead to a person become [NUMBER]: telephone numbers, and card and bank account numbers by their checksums
(Luhn; ISO 13616 mod 97).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from unspoken.perception.text import groups
from unspoken.perception.text.context import Context

NAME, NUMBER, GROUP = "[NAME]", "[NUMBER]", "[RELIGION]"

_KIN = """mother father mum mom mam dad daddy mummy mommy parents wife husband spouse partner fiance fiancé fiancee
fiancée girlfriend boyfriend daughter son child kid kids children sister brother sibling siblings twin twins baby
grandmother grandfather grandma grandpa granny grandad granddad nan gran grandson granddaughter grandchild grandchildren
aunt auntie uncle niece nephew cousin stepmother stepfather stepson stepdaughter mother-in-law father-in-law
sister-in-law brother-in-law friend friends neighbour neighbor neighbours neighbors flatmate roommate housemate
colleague colleagues coworker co-worker boss manager assistant secretary carer"""
_OWNERS = frozenset(["my", "our", "his", "her", "their"])
_SPEAKS = (
    "said says told tells asked asks felt feels wrote called rang replied answered promised explained wants thinks"
)
_CUES = "add told tell asked ask called call dear hi hello hey from for by with made let and"
_NEVER_NAMES = """
a all also an and any anybody anyone as at both but by each even every everybody everyone everything for from he her
his how i if in is it its just many me mine more most my never no nobody none not nothing now of on one or our ours
she so some somebody someone something that the their them then there these they this those to we what when where
which who why with yes you your monday tuesday wednesday thursday friday saturday sunday january february march april
may june july august september october november december christmas easter
"""
_NO_NAMES = frozenset(_NEVER_NAMES.split())
_ALSO_NAMES = frozenset({"an", "my", "long", "so"})  # of people from Vietnam, say, where a verb follows
_DOES = (
    "is was has had feels felt said told says wants needs would will can did does got sent placed ordered bought paid"
)
_SPEAKING, _DOING = frozenset(_SPEAKS.split()), frozenset(_DOES.split())
_CAPITALISED = re.compile(r"\b[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+\b")
_NEXT_WORD = re.compile(r"\s+(\w+)")
_CUE_BEFORE = re.compile(rf"\b(?:{'|'.join(_CUES.split())})\s+$", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"[^\W\d_][ ,] ?$")
_CUE_LENGTH = 12  # characters, with spaces
_TITLES = "Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam"
_TITLED = rf"(?:{_TITLES})\b\.?(?:[ ][A-ZÀ-ÖØ-Þ][\w'’-]+){{1,2}}"
_RELATIVE = rf"\b(?:{'|'.join(sorted(_OWNERS))})\s+(?:{'|'.join(_KIN.split())})\b"
_RELATIVES = frozenset(part for word in _KIN.split() for part in word.split("-"))
_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w/])@\w{2,}"
_DIGIT = re.compile(r"\d")
_DIGITS = r"(?<![\w.])\+?\d[\d ()./-]{5,24}\d(?!\w)|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b"
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_LETTERS = re.compile(r"[^\W\d_]+")
_MARKED = re.compile(r"@|\d[\d ()./-]{5}|[A-Z]{2}\d{2}")  # begins an address, a number
_AN = re.compile(r"\b[Aa]n $")
_POSSESSIVE = re.compile(r"['’]s?$")
_SENTENCE_ENDS = ".!?\n:;"
_DATE_LIKE = re.compile(r"[./]|\b(?:19|20)\d\d-")
_TELEPHONE_DIGITS = range(9, 16)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without names, and where its pieces lie in the original: (start, end, start there, end there) each."""

    text: str
    masks: tuple[tuple[int, int, int, int], ...] = ()

    def originals(self, offsets: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
        """Return the characters of the original that each start…end of the masked text stands for."""
        if not self.masks:
            return offsets
        return [
            (self._place(start, last=False), self._place(end, last=True)) if start < end else (start, start)
            for start, end in offsets
        ]

    def _place(self, position: int, *, last: bool) -> int:
        shift = 0
        for begin, end, begin_there, end_there in self.masks:
            if position < begin or (last and position == begin):
                break
            if position < end:
                return end_there if last else begin_there
            shift = end_there - end
        return position + shift


@lru_cache(maxsize=4)
def _candidate(*, addresses: bool, digits: bool) -> re.Pattern[str]:
    """Return what finds, from left to right, whatever may have to be hidden; the slow parts only where they can be."""
    kinds = {
        "mask": r"\[NAME\]|\[NUMBER\]|\[RELIGION\]",
        "titled": _TITLED,
        "kin": rf"(?i:{_RELATIVE})",
        "address": _ADDRESS,
        "digits": _DIGITS,
        "group": rf"(?i:\b{groups.DENOMINATION}\b)",
        "word": _WORD,
    }
    if not addresses:
        del kinds["address"]
    if not digits:
        del kinds["digits"]
    return re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()))


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    return frozenset(groups.listed("words.txt").split())


@lru_cache(maxsize=1)
def _names() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that are nothing else, and those that are other words too."""
    clear, maybe = groups.listed("names.txt").split("\nmaybe\n")
    return frozenset(clear.split()), frozenset(maybe.split())


@lru_cache(maxsize=1)
def _telling() -> frozenset[str]:
    """Return a part of every word for which something may have to be hidden; of names that are other words too, as
    names are written."""
    clear, maybe = _names()
    listed = clear | groups.telling() | set(_TITLES.lower().split("|")) | {name.title() for name in maybe}
    return frozenset(max(_LETTERS.findall(word), key=len) for word in listed)


def mask(text: str, known: Iterable[str] = ()) -> Masked:
    """Return `text` with persons and their numbers hidden; known: names of persons who are known to take part."""
    names = {part.lower() for name in known for part in name.split() if len(part) > 1} | _acting(text)
    if _is_clear(text, names):
        return Masked(text)
    parts: list[str] = []
    masks: list[tuple[int, int, int, int]] = []
    done = length = 0
    for start, end, token in _joined(text, _found(text, names)):
        parts += text[done:start], token
        length += start - done
        masks.append((length, length + len(token), start, end))
        length += len(token)
        done = end
    return Masked("".join((*parts, text[done:])), tuple(masks)) if masks else Masked(text)


def _is_clear(text: str, names: set[str]) -> bool:
    """Tell, at a tenth of the price of looking at every word in its place, that there is nothing to hide."""
    words = set(_LETTERS.findall(text))
    words.update([word.lower() for word in words])
    if names & words or _telling() & words or _MARKED.search(text):
        return False
    return not (_OWNERS & words and _RELATIVES & words)


def mask_context(context: Context, known: Collection[str] = ()) -> Context:
    """Return what came before a message with persons hidden, as `mask` hides them."""
    return Context(mask(context.agent, known).text, tuple(mask(line, known).text for line in context.before))


def _acting(text: str) -> set[str]:
    """Return the capitalised words that speak, feel or are spoken to, whatever words they are, and those that are no
    ordinary words; none in headlines."""
    acting, front, within = set[str](), set[str](), set[str]()
    for found in _CAPITALISED.finditer(text):
        start, who = found.start(), found[0].lower()
        after = _NEXT_WORD.match(text, found.end())
        if after and after[1] in _DOING:
            front.add(who)
        if (after and after[1] in _SPEAKING) or _CUE_BEFORE.search(text, max(0, start - _CUE_LENGTH), start):
            acting.add(who)
        if _WORD_BEFORE.search(text, max(0, start - 3), start):
            within.add(who)
    if not (acting or front or within) or _is_headline(text):
        return set()
    unheard_of = (front | within) - _ordinary() - _NO_NAMES
    return (acting - _NO_NAMES) | unheard_of | (front & (_ALSO_NAMES | _names()[1])) | (acting & _ALSO_NAMES)


def _is_headline(text: str) -> bool:
    long = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return len(long) > 3 and sum(word[0].isupper() for word in long) > 0.6 * len(long)


def _found(text: str, known: set[str]) -> Iterator[tuple[int, int, str]]:
    """Yield what is hidden, word by word: start, end, the token in its place (as it is: a mask already)."""
    shouted = text.isupper()
    before = -1
    candidate = _candidate(addresses="@" in text, digits=_DIGIT.search(text) is not None)
    for found in candidate.finditer(text):
        kind, (start, end) = found.lastgroup or "", found.span()
        if kind == "word":
            end -= len(_ending(found[0]))
            word = text[start:end]
            surname = text[before:start] == " " and word[0].isupper() and not shouted and len(word) > 1
            if groups.is_group(text, start, end, before):
                yield start, end, GROUP
            elif surname or _is_name(text, start, word, known, shouted=shouted):
                yield start, end, NAME
                before = end
        elif kind != "mask" and (kind != "digits" or _leads_to_a_person(found[0])):
            yield start, end, {"digits": NUMBER, "group": GROUP}.get(kind, NAME)


def _joined(text: str, found: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield what is hidden, first name and surname as one person, an "an" that would tell groups apart as "a"."""
    held: tuple[int, int, str] | None = None
    for start, end, token in found:
        if held and token != NUMBER and held[2].endswith(token) and text[held[1] : start] == " ":
            held = held[0], end, held[2]
            continue
        if held:
            yield held
        article = _AN.search(text, max(0, start - 4), start) if token == GROUP else None
        held = (article.start(), end, f"{article[0][0]} {token}") if article else (start, end, token)
    if held:
        yield held


def _ending(word: str) -> str:
    if word[-1] not in "s'’":
        return ""
    found = _POSSESSIVE.search(word)
    return found[0] if found else ""


def _is_name(text: str, start: int, word: str, known: set[str], *, shouted: bool) -> bool:
    lower = word.lower()
    clear, maybe = _names()
    if lower in clear:
        return True
    if lower in known:
        return word[0].isupper()
    return lower in maybe and word.istitle() and not shouted and not _begins_a_sentence(text, start)


def _begins_a_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'“‘(")
    return not before or before[-1] in _SENTENCE_ENDS


def _leads_to_a_person(found: str) -> bool:
    """Tell whether a run of digits is a telephone number, a card or a bank account."""
    plain = re.sub(r"[^0-9A-Za-z]", "", found)
    if plain[0].isalpha():
        return _mod_97(plain)
    if len(plain) >= 13 and _luhn(plain):
        return True
    grouped = found.startswith(("+", "0", "(")) or bool(re.search(r"\d[ ()-]+\d", found))
    return grouped and len(plain) in _TELEPHONE_DIGITS and not _DATE_LIKE.search(found)


def _luhn(digits: str) -> bool:
    doubled: Sequence[int] = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _mod_97(account: str) -> bool:
    turned = account[4:] + account[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1
