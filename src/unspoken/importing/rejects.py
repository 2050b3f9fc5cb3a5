"""The lines that were not taken in, kept beside the file with what is wrong with each."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .pieces import Rejected

LONGEST_KEPT = 1024 * 1024
"""Characters of a rejected piece that are kept."""


class Rejects:
    """Writes rejected pieces to `FILE.rejected.jsonl`, or into `folder` where that cannot be written.

    No file is made before there is something to write; `keep` bytes of an earlier one are kept, the rest is dropped.
    """

    def __init__(self, path: Path, *, folder: Path, keep: int = 0) -> None:
        name = f"{path.resolve().name}.rejected.jsonl"
        self._places = [path.resolve().parent / name, folder / name]
        self.path: Path | None = None
        self.size = 0
        if keep:
            self._cut_back(keep)
        else:
            for place in self._places:
                _remove_quietly(place)

    def add(self, rejected: Iterable[Rejected]) -> None:
        """Append pieces; on return they are in the file."""
        lines = "".join(json.dumps(_told(one), ensure_ascii=False) + "\n" for one in rejected)
        if lines:
            self._append(lines.encode("utf-8", "backslashreplace"))

    def _append(self, lines: bytes) -> None:
        for place in [self.path] if self.path else self._places:
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("ab") as file:
                    file.write(lines)
            except OSError:
                if place == (self.path or self._places[-1]):
                    raise
                continue
            self.path = place
            self.size += len(lines)
            return

    def _cut_back(self, keep: int) -> None:
        for place in self._places:
            if place.is_file() and place.stat().st_size >= keep:
                with place.open("r+b") as file:
                    file.truncate(keep)
                self.path, self.size = place, keep
                return


def _told(one: Rejected) -> dict[str, Any]:
    raw = one.piece.raw if isinstance(one.piece.raw, str) else one.piece.raw.decode("utf-8", "backslashreplace")
    told: dict[str, Any] = {"file": one.piece.file} if one.piece.file else {}
    told |= {"line": one.piece.line, "field": one.problem.field, "problem": one.problem.message}
    told["raw"] = raw[:LONGEST_KEPT].rstrip("\r\n")
    return told | ({"raw_cut_from": len(raw)} if len(raw) > LONGEST_KEPT else {})


def _remove_quietly(place: Path) -> None:
    try:
        place.unlink(missing_ok=True)
    except OSError:
        return  # it cannot be written either, so nothing of it is appended to
