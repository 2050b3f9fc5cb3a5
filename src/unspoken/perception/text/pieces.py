"""Word pieces of texts, in windows that a network reads at once.

Most messages are plain ASCII of words met before. Those are put together from the pieces of their words, which gives
what the tokenizer gives in a fifth of its time; anything else goes through the tokenizer itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tokenizers import Tokenizer

from unspoken.perception.artifacts import unavailable
from unspoken.perception.text.context import Context, joined

WINDOW = 128  # word pieces read at once; a longer text is read window by window
_UNKNOWN = ("[CLS]", "[SEP]", "[UNK]", "[PAD]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_STRANGE = re.compile(r"[^\t\n\r -~]")  # not for us: beyond ASCII, or no character that is seen
_MOST_WORDS, _LONGEST_WORD = 32_768, 24  # whose pieces are remembered, so that no flood of rubbish fills the memory


class Window(Protocol):
    """What a network reads at once: ids, [CLS] and [SEP] included, and which characters each of them stands for."""

    @property
    def ids(self) -> list[int]:
        """The word pieces."""

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """The first character of each, and the end; the same where it stands for none."""

    @property
    def overflowing(self) -> "Sequence[Window]":
        """What exceeds this window."""


@dataclass(frozen=True, slots=True)
class _Plain:
    ids: list[int]
    offsets: list[tuple[int, int]]
    overflowing: Sequence[Window] = ()


class Pieces:
    """A tokenizer for messages and for what came before them. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Load tokenizer.json."""
        self._windows, self._bare = Tokenizer.from_file(str(path)), Tokenizer.from_file(str(path))
        self._windows.enable_truncation(WINDOW)
        self._windows.no_padding()
        self._bare.no_truncation()
        first, sep = map(self._bare.token_to_id, ("[CLS]", "[SEP]"))
        if first is None or sep is None:
            raise unavailable(f"{path} has no word piece [CLS] or [SEP]")
        self._first, self._sep = first, sep
        tokens = [re.escape(token.content) for token in self._bare.get_added_tokens_decoder().values()
                  if token.content.isascii()]  # fmt: skip
        self._words = re.compile(rf"{'|'.join(tokens)}|[A-Za-z0-9]+|[^\sA-Za-z0-9]")
        self._met: dict[str, tuple[list[int], list[tuple[int, int]]]] = {}
        self._silent = frozenset(self._bare.token_to_id(token) for token in _UNKNOWN)

    def encode(self, texts: Sequence[str]) -> Sequence[Window]:
        """Return the word pieces of each text; what exceeds a window is in `.overflowing`."""
        plain = [self._plain(text) for text in texts]
        others = [_sound(text) for text, found in zip(texts, plain, strict=True) if found is None]
        encoded: Iterator[Window] = iter(self._windows.encode_batch(others) if others else ())
        return [found or next(encoded) for found in plain]

    def _plain(self, text: str) -> Window | None:
        """Return a text put together word by word; None where that would not be all there is to it."""
        if _STRANGE.search(text):
            return None
        ids, offsets = [self._first], [(0, 0)]
        for found in self._words.finditer(text):
            start, word = found.start(), found[0]
            pieces, places = self._met.get(word) or self._meet(word)
            ids += pieces
            offsets += [(start + begin, start + end) for begin, end in places]
        if len(ids) >= WINDOW:
            return None
        ids.append(self._sep)
        offsets.append((0, 0))
        return _Plain(ids, offsets)

    def _meet(self, word: str) -> tuple[list[int], list[tuple[int, int]]]:
        found = self._bare.encode(word, add_special_tokens=False)
        met = found.ids, found.offsets
        if len(word) <= _LONGEST_WORD:
            if len(self._met) >= _MOST_WORDS:
                self._met.clear()
            self._met[word] = met
        return met

    def knows(self, window: Window) -> bool:
        """Return whether any word piece of the text is in the vocabulary."""
        return not self._silent.issuperset(window.ids)

    def behind(self, contexts: Sequence[Context]) -> list[list[int]]:
        """Return the ids that stand behind a message with each context; none without one."""
        said = [_sound(part) for one in contexts if one for part in (one.agent, " ".join(one.before))]
        pieces = iter([found.ids for found in self._bare.encode_batch(said, add_special_tokens=False)] if said else ())
        return [joined([], next(pieces), next(pieces), sep=self._sep) if one else [] for one in contexts]


def _sound(text: str) -> str:
    """Return a text without halves of broken emoji, which are no text for UTF-8."""
    return _LONE_SURROGATE.sub("\ufffd", text)
