"""Sentences of negation, contrast and change, made by a small grammar, with the valence that they come to.

A model of emotion learns that "good" is pleasant; that "expected it to be good, and it was anything but" is not, it
meets too seldom. These rows teach valence alone. They share their idea with the sentiment tests of CheckList (Ribeiro
et al., ACL 2020), though not their wording; the card says so beside that figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

COUNT = 4_000
GOOD, BAD, NOT_GOOD, NOT_BAD = 0.6, -0.6, -0.45, 0.25
_GOOD_WORDS = """
great superb lovely brilliant helpful friendly quick honest excellent delightful comfortable reliable generous
pleasant wonderful splendid useful kind smooth flawless charming impressive fun fantastic clever tidy
"""
_BAD_WORDS = """
awful dreadful rude slow useless shabby dishonest terrible clumsy broken miserable annoying unpleasant horrid careless
confusing dirty overpriced hopeless painful boring disappointing nasty lousy unreliable stressful
"""
_PLAIN_WORDS = """
blue Italian wooden local weekly digital private round British empty early printed standard foreign electric regional
automatic monthly grey Norwegian plastic square commercial
"""
_LIKE_WORDS = """
like love enjoy admire appreciate recommend treasure trust
"""
_HATE_WORDS = """
hate dislike dread despise avoid loathe regret resent
"""
_THINGS_WORDS = """
hotel delivery driver cashier film menu meal room flight crew seat website app phone sofa lesson teacher clinic
receptionist parcel jacket course concert guide museum ferry cabin garden coffee waiter plumber helpdesk
"""
_ASIDES = (
    "after three visits", "given what we paid", "having read every review", "with all the time I had for it",
    "from what I saw on Tuesday", "considering that I grew up next door", "all things taken together",
    "for somebody who travels a lot", "at my age",
)  # fmt: skip
_GOOD, _BAD, _PLAIN, _LIKE, _HATE, _THINGS = (
    words.split() for words in (_GOOD_WORDS, _BAD_WORDS, _PLAIN_WORDS, _LIKE_WORDS, _HATE_WORDS, _THINGS_WORDS)
)


@dataclass(frozen=True)
class Said:
    """A sentence and its valence −1…1."""

    text: str
    valence: float


def sentences(count: int = COUNT, *, seed: int = 11) -> list[Said]:
    """Return `count` sentences, all different; the same ones every time."""
    random = np.random.default_rng(seed)
    found: dict[str, Said] = {}
    while len(found) < count:
        said = _sentence(random)
        found.setdefault(said.text, said)
    return list(found.values())


def _sentence(random: np.random.Generator) -> Said:
    def one(words: Sequence[str]) -> str:
        return words[int(random.integers(len(words)))]

    thing, aside = one(_THINGS), one(_ASIDES)
    side = int(random.integers(3))  # good, bad, plain
    word = one((_GOOD, _BAD, _PLAIN)[side])
    now, negated = (GOOD, BAD, 0.0)[side], (NOT_GOOD, NOT_BAD, 0.0)[side]
    other = one((_BAD, _GOOD, _PLAIN)[side])
    a = "an" if word[0].lower() in "aeiou" and not word.startswith("use") else "a"
    verb, against, worth = (one(_LIKE), one(_HATE), GOOD) if random.random() < 0.5 else (one(_HATE), one(_LIKE), BAD)
    less = NOT_GOOD if worth > 0 else NOT_BAD
    patterns = [
        Said(f"This {thing} is {word}.", now), Said(f"What {a} {word} {thing}.", now),
        Said(f"I {verb} that {thing}.", worth), Said(f"We really {verb} your {thing}", worth),
        Said(f"The {thing} isn't {word}.", negated), Said(f"That was by no means {a} {word} {thing}.", negated),
        Said(f"I do not {verb} the {thing}.", less), Said(f"Nobody here would {verb} this {thing}.", less),
        Said(f"I expected {a} {word} {thing}, and it was anything but.", negated),
        Said(f"We thought the {thing} would be {word}, but it wasn't.", negated),
        Said(f"I was sure I would {verb} the {thing}, but I didn't.", less),
        Said(f"The {thing} was supposed to be {word}. It was not.", negated),
        Said(f"I wouldn't say, {aside}, that this {thing} is {word}.", negated),
        Said(f"It isn't the case, {aside}, that I {verb} the {thing}.", less),
        Said(f"Not that the {thing} was, {aside}, {word}.", negated),
        Said(f"I once found the {thing} {other}; these days it is {word}.", now),
        Said(f"Years ago I would {against} this {thing}, nowadays I {verb} it.", worth),
        Said(f"It is {word} now, though the {thing} used to be {other}.", now),
        Said(f"I {verb} the {thing} these days, though I did {against} it before.", worth),
        Said(f"Others call the {thing} {other}. To me it is {word}.", now),
        Said(f"My friends {against} your {thing}, but I {verb} it.", worth),
        Said(f"They told me it was {a} {word} {thing}; in my eyes it is {other}.", (BAD, GOOD, 0.0)[side]),
        Said(f"Was the {thing} {word}? Yes, it was.", now), Said(f"Was it {a} {word} {thing}? No.", negated),
        Said(f"Would I call that {thing} {word}? Not at all.", negated),
        Said(f"Do I {verb} this {thing}? Yes.", worth), Said(f"Did I {verb} the {thing}? No, I did not.", less),
    ]  # fmt: skip
    return patterns[int(random.integers(len(patterns)))]
