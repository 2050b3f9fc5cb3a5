"""Answers as the usual mail programs write them, HTML only: the author's own words come out."""

from pathlib import Path

import pytest

from unspoken.connectors.email.mime import parse
from unspoken.connectors.words.stripping import strip

WRITTEN = sorted((Path(__file__).parent / "payloads").glob("*.html"))


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.stem)
def test_own_words_come_out(file: Path) -> None:
    raw = b"From: mina@lumen.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + file.read_bytes()
    parts = strip(parse(raw).text)
    assert " ".join(parts.text.split()) == "Still nothing. Where is it?"
    assert "\n\n" in parts.text
    assert any(end in parts.quoted for end in ("It has left", "abgegangen", "partie", "Sie ist ab."))


def test_the_usual_programs_are_there() -> None:
    assert sorted(file.stem for file in WRITTEN) == [
        "apple",
        "gmail",
        "iphone",
        "outlook",
        "outlook-web",
        "thunderbird",
    ]
