"""Real messages to measure with: GoEmotions comments where they lie beside the project, else the demo's own."""

import os
from pathlib import Path

from unspoken.demo.written import conversations

DATA = Path(os.environ.get("DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def messages(count: int) -> tuple[list[str], str]:
    """Return `count` texts and the words that say where they come from."""
    folder = DATA / "text" / "goemotions" / "original"
    if folder.is_dir():
        found = [
            line.split("\t")[0]
            for name in ("dev.tsv", "test.tsv")
            for line in (folder / name).read_text(encoding="utf-8").splitlines()
        ]
        return found[:count], "GoEmotions comments, dev and test"
    found = [m["text"] for told in conversations() for m in told["messages"] if m["from"] == "customer"]
    return (found * (count // len(found) + 1))[:count], "the demo's own messages, repeated"
