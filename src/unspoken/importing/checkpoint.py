"""How far an import has come, so that one that was killed goes on from there instead of from the beginning.

Losing a checkpoint costs time, never correctness: a message that is stored already is known by its id.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Progress:
    """Pieces dealt with, the size of the file of rejected ones, and what was counted so far."""

    pieces: int = 0
    rejects: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class Checkpoint:
    """The progress of importing one file in one way, kept in `folder`."""

    def __init__(self, path: Path, *, folder: Path, how: str) -> None:
        found = path.resolve()
        stat = found.stat()
        identity = f"{found}\n{stat.st_size}\n{stat.st_mtime_ns}\n{how}"
        self._place = folder / f"{hashlib.sha256(identity.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}.json"

    def load(self) -> Progress:
        """Return what was saved; nothing, when there is none or it cannot be read."""
        try:
            told = json.loads(self._place.read_text())
            counts = {str(name): int(count) for name, count in told["counts"].items()}
            return Progress(int(told["pieces"]), int(told["rejects"]), counts)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Progress()

    def save(self, progress: Progress) -> None:
        """Keep `progress`, whole or not at all."""
        self._place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._place.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(asdict(progress)))
        unfinished.replace(self._place)

    def clear(self) -> None:
        """Forget it: the import is complete."""
        self._place.unlink(missing_ok=True)
