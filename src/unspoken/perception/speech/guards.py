"""What a speech model says though nobody said it, and how that is told. Pure.

Whisper and its kin, given silence, noise or music, say "Thank you." or one word without end, and are sure of it. Three
things give them away: that they hear no speech; that they are not sure; that they repeat themselves.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from unspoken.perception.speech.transcriber import Segment, Word

NO_SPEECH = 0.6  # the model's chance of no speech from which nothing is believed, however sure it is of its words
UNSURE = -1.0  # mean log-probability of a word piece below which it is guessing (both: Radford et al., ICML 2023)
REPETITIVE = 2.4  # length of a text by its length compressed, from which it goes round in a circle
_ROUNDS = {1: 6, 2: 4, 3: 4}  # how often so many words are said in a row by a person, at most; more words: three times
_ROUNDS_OF_MORE = 3
_LONGEST_PHRASE = 12
PAUSE = 0.8  # seconds between words that part two segments
ENOUGH = 6.0  # seconds of a segment from which the end of a sentence parts it
LONGEST = 14.0  # seconds of a segment
_ENDS = (".", "?", "!", "。", "？", "！")


@dataclass(frozen=True, slots=True)
class Heard:
    """What the model made of a piece of sound: words with the spaces before them, its mean log-probability, and its
    chance 0…1 that nobody speaks."""

    words: tuple[Word, ...]
    log_probability: float
    no_speech: float

    @property
    def text(self) -> str:
        """The words as the model wrote them."""
        return "".join(word.text for word in self.words).strip()

    @property
    def is_silence(self) -> bool:
        """Whether the model itself holds that nobody speaks, or says no word."""
        return self.no_speech > NO_SPEECH or not any(map(str.isalnum, self.text))

    @property
    def is_doubtful(self) -> bool:
        """Whether the model guesses, or goes round in a circle at all."""
        return self.is_guess or compression(self.text) > REPETITIVE or without_rounds(self.words) != self.words

    @property
    def is_guess(self) -> bool:
        """Whether the words are worth nothing: the model is too unsure, or says little but the same in a circle."""
        return self.log_probability < UNSURE or len(without_rounds(self.words)) < len(self.words) / 2


def compression(text: str) -> float:
    """Return how many times longer a text is than it is compressed: speech 0.5 to 2, a circle far more."""
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded))


def without_rounds(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return words without what a model repeats in a row more often than a person would: of it, once is kept."""
    plain = ["".join(filter(str.isalnum, word.text.lower())) for word in words]
    kept: list[Word] = []
    place = 0
    while place < len(words):
        length, rounds = _circle(plain, place)
        kept += words[place : place + length]
        place += length * rounds
    return tuple(kept)


def _circle(plain: Sequence[str], place: int) -> tuple[int, int]:
    """Return of how many words the circle is that begins at a place, and how often it goes round; 1, 1: there is
    none."""
    for length in range(1, _LONGEST_PHRASE + 1):
        phrase, rounds = plain[place : place + length], 1
        while plain[place + rounds * length : place + (rounds + 1) * length] == phrase:
            rounds += 1
        if rounds > _ROUNDS.get(length, _ROUNDS_OF_MORE):
            return length, rounds
    return 1, 1


def segments_of(words: Sequence[Word]) -> tuple[Segment, ...]:
    """Return words, with the spaces before them, as segments: parted by pauses and, when long, between sentences."""
    segments: list[Segment] = []
    together: list[Word] = []
    for word in words:
        if together and _parted(together, word):
            segments.append(_segment(together))
            together = []
        together.append(word)
    if together:
        segments.append(_segment(together))
    return tuple(one for one in segments if any(map(str.isalnum, one.text)))


def _parted(together: Sequence[Word], word: Word) -> bool:
    last, begin = together[-1], together[0].begin
    ended = last.text.endswith(_ENDS) and last.end - begin >= ENOUGH
    return word.begin - last.end >= PAUSE or ended or word.end - begin > LONGEST


def _segment(words: Sequence[Word]) -> Segment:
    plain = tuple(Word(one.text.strip(), one.begin, one.end, one.confidence) for one in words)
    text = "".join(one.text for one in words).strip()
    return Segment(words[0].begin, words[-1].end, text, plain, sum(one.confidence for one in words) / len(words))
