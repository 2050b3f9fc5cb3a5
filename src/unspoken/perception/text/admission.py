"""Which texts are not read, and why. Cheap: ordinary English costs a few microseconds."""

import re

from unspoken.affect.reading import Reason
from unspoken.perception.text.language import is_foreign

LONGEST = 20_000  # characters; an e-mail of forty pages is no message

_UNSPOKEN = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|<[^<>\n]{1,200}>|\S+://\S+|www\.\S+|\S+@\S+\.\S+", re.DOTALL)
_SPOKEN = re.compile(r"[^\W\d_]|[☀-➿⭐\U0001f300-\U0001faff]|[:;=8][-']?[()\[\]/\\|DPp]")
_WORD = re.compile(r"[^\W\d_]{2}|[^\x00-⹿]|[☀-➿⭐]|[:;=8][-']?[()\[\]/\\|DPp]")


def reason_not_to_read(
    text: str, *, automatic: bool = False, languages: frozenset[str] = frozenset({"en"})
) -> Reason | None:
    """Return why `text` is not read, or None when it is; languages: those that the model reads (ISO 639-1).

    Text without a word or emoji (digits, links, code) is `no_text`; a single letter is `too_short`.
    """
    if automatic:
        return Reason.AUTOMATIC
    if len(text) > LONGEST:
        return Reason.TOO_LONG
    spoken = _UNSPOKEN.sub(" ", text) if _may_hold_code(text) else text
    if not _SPOKEN.search(spoken):
        return Reason.NO_TEXT
    if not _WORD.search(spoken):
        return Reason.TOO_SHORT
    return Reason.LANGUAGE if is_foreign(spoken, languages) else None


def _may_hold_code(text: str) -> bool:
    return "`" in text or "<" in text or "://" in text or "@" in text or "www." in text
