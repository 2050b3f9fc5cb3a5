"""Recordings of a person who says "Say the word …", where the corpus TESS is there (never in the repository)."""

from pathlib import Path

import pytest

from unspoken.perception.speech.transcriber import Samples

FOLDER = Path("../shared/data/voice/tess/audio")


def say_the_word(word: str, *, speaker: str = "YAF", emotion: str = "neutral") -> Samples:
    """Return a recording; skips the test where there is none."""
    pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
    from unspoken.perception.voice.corpora import load

    path = FOLDER / f"{speaker}_{word}_{emotion}.opus"
    if not path.is_file():
        pytest.skip(f"the corpus TESS is not in {FOLDER}")
    return load(path)
