"""Word pieces of texts, in windows that a network reads at once."""

import re
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from unspoken.perception.artifacts import unavailable
from unspoken.perception.text.context import Context, joined

WINDOW = 128  # word pieces read at once; a longer text is read window by window
_UNKNOWN = ("[CLS]", "[SEP]", "[UNK]", "[PAD]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Pieces:
    """A tokenizer for messages and for what came before them. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Load tokenizer.json."""
        self._windows, self._bare = Tokenizer.from_file(str(path)), Tokenizer.from_file(str(path))
        self._windows.enable_truncation(WINDOW)
        self._windows.no_padding()
        self._bare.no_truncation()
        sep = self._bare.token_to_id("[SEP]")
        if sep is None:
            raise unavailable(f"{path} has no word piece [SEP]")
        self._sep = sep
        self._silent = frozenset(self._bare.token_to_id(token) for token in _UNKNOWN)

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Return the word pieces of each text; what exceeds a window is in `.overflowing`."""
        try:
            if len(texts) == 1:  # without the price of handing work to threads
                return [self._windows.encode(texts[0])]
            return self._windows.encode_batch(texts)
        except (TypeError, UnicodeEncodeError):  # half of a broken emoji: no text for UTF-8
            return self._windows.encode_batch([_sound(text) for text in texts])

    def knows(self, encoding: Encoding) -> bool:
        """Return whether any word piece of the text is in the vocabulary."""
        return not self._silent.issuperset(encoding.ids)

    def behind(self, contexts: Sequence[Context]) -> list[list[int]]:
        """Return the ids that stand behind a message with each context; none without one."""
        said = [_sound(part) for one in contexts if one for part in (one.agent, " ".join(one.before))]
        pieces = iter([found.ids for found in self._bare.encode_batch(said, add_special_tokens=False)] if said else ())
        return [joined([], next(pieces), next(pieces), sep=self._sep) if one else [] for one in contexts]


def _sound(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)
