"""Sets apart what the author did not write now: quoted history, signatures, disclaimers.

Line by line, and each line goes to exactly one part: nothing is lost, pages show the other parts folded.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .phrases import ATTRIBUTION, CLOSING, DEVICE, DISCLAIMER, FORWARDED, HEADER, MACHINE_WRITTEN

_LONGEST_LINE = 600  # longer ones are prose: no attribution, header or signature
_LONGEST_ATTRIBUTION = 4  # lines over which mail programs wrap it
_LONGEST_CLOSING = 8  # lines of a name and address after "Kind regards"
_LONGEST_SIGNATURE = 15  # lines after "--", which some use as a dash
_DELIMITER = "-- "
_AFTERTHOUGHT = re.compile(r"(?:P\.? ?S\b|N\.?B\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """The author's own words, the history they quote, and the signature with its disclaimers."""

    text: str
    quoted: str = ""
    signature: str = ""


def strip(text: str) -> Parts:
    """Divide the plain text of a message; the words of all parts together are the words of `text`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    history = _history(lines)
    own = [index for index in range(len(lines)) if index not in history]
    begins = _signature([lines[index] for index in own])
    return Parts(
        text=_joined(lines, own[:begins]),
        quoted=_joined(lines, sorted(history)),
        signature=_joined(lines, own[begins:]),
    )


def _joined(lines: Sequence[str], indexes: Sequence[int]) -> str:
    return "\n".join(lines[index].rstrip() for index in indexes).strip("\n")


def _history(lines: Sequence[str]) -> set[int]:
    """Return the indexes of lines that are quoted: marked by `>`, introduced by an attribution, or below a header."""
    found = {index for index, line in enumerate(lines) if line.lstrip().startswith(">")}
    for index, line in enumerate(lines):
        if index in found or not line.strip() or len(line) > _LONGEST_LINE:
            continue
        if FORWARDED.match(line) or _is_header_block(lines, index):
            return found | set(range(_with_rule(lines, index), len(lines)))
        if wrapped := _attribution(lines, index, found):
            follows = _first_after(lines, index + wrapped)
            if follows in found:
                found.update(range(index, index + wrapped))
            elif MACHINE_WRITTEN.match(" ".join(lines[index : index + wrapped])):  # nothing is marked: all below is it
                return found | set(range(index, len(lines)))
    return found


def _attribution(lines: Sequence[str], index: int, marked: set[int]) -> int:
    """Return over how many lines an attribution such as `On …, Ben wrote:` reaches from `index`; 0: there is none."""
    if not ATTRIBUTION.begins.match(lines[index]):
        return 0
    for count in range(1, _LONGEST_ATTRIBUTION + 1):
        part = lines[index : index + count]
        if not part[-1].strip() or index + count - 1 in marked:
            return 0
        if ATTRIBUTION.whole.match(" ".join(line.strip() for line in part)[:_LONGEST_LINE]):
            return count
    return 0


def _first_after(lines: Sequence[str], index: int) -> int:
    return next((at for at in range(index, len(lines)) if lines[at].strip()), len(lines))


def _is_header_block(lines: Sequence[str], index: int) -> bool:
    """Tell whether `From:` with at least two of `Sent:`, `To:`, `Subject:` begins here, as Outlook writes it."""
    match = HEADER.match(lines[index])
    if not match or match["name"].casefold() not in HEADER_OF_SENDER:
        return False
    following = [HEADER.match(line) for line in lines[index + 1 : index + 8]]
    return len({name["name"].casefold() for name in following if name}) >= 2


HEADER_OF_SENDER = {"from", "von", "de", "da", "van", "från", "fra", "od", "от"}


def _with_rule(lines: Sequence[str], index: int) -> int:
    """Return where the line of dashes above a header begins, if there is one."""
    above = next((at for at in range(index - 1, -1, -1) if lines[at].strip()), -1)
    return above if above >= 0 and len(lines[above].strip()) >= 5 and not lines[above].strip("_-=* ") else index


def _signature(own: Sequence[str]) -> int:
    """Return the index in the author's lines from which on they are signature; their number when there is none."""
    end = len(own)
    begins = min((_delimiter(own), _disclaimer(own)), default=end)
    begins = _device(own, begins)
    return _closing(own, begins)


def _delimiter(own: Sequence[str]) -> int:
    for index, line in enumerate(own):
        left = len(own) - index - 1
        if line == _DELIMITER or (line.rstrip() in {"--", "—", "__"} and left <= _LONGEST_SIGNATURE):
            return index
    return len(own)


def _disclaimer(own: Sequence[str]) -> int:
    """Return where the trailing disclaimer begins: the first paragraph of its kind, with whatever is below."""
    for index, line in enumerate(own):
        begins_paragraph = index == 0 or not own[index - 1].strip()
        if begins_paragraph and DISCLAIMER.match(line[:_LONGEST_LINE].strip(" *_")):
            return index
    return len(own)


def _device(own: Sequence[str], end: int) -> int:
    """Return where `Sent from my phone` begins, if it stands last before `end`."""
    last = [index for index in range(end) if own[index].strip()][-3:]
    return next((index for index in last if len(own[index]) < 200 and DEVICE.match(own[index].strip())), end)


def _closing(own: Sequence[str], end: int) -> int:
    """Return where `Kind regards` and the name begin, if only short lines follow up to `end`."""
    last = [index for index in range(end) if own[index].strip()][-_LONGEST_CLOSING:]
    for index in last:
        below = [own[at].strip() for at in range(index, end)]
        short = all(len(line) <= 70 and not _AFTERTHOUGHT.match(line) for line in below)
        if short and CLOSING.match(own[index].strip()):
            return index
    return end
