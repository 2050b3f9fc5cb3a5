"""`unspoken listen` on recordings, sound and unsound."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from unspoken.commands.main import app
from unspoken.perception.voice.mel import RATE
from unspoken.perception.voice.tests.made import voice

pytest.importorskip("av", reason="the extra unspoken[voice] is not installed")
runner = CliRunner()


def call(path: Path, channels: int = 2) -> Path:
    customer = np.concatenate([voice(5.0), np.zeros(6 * RATE, np.float32)])
    agent = np.concatenate([np.zeros(5 * RATE, np.float32), voice(6.0, pitch=125)])
    with wave.open(str(path), "wb") as opened:
        opened.setparams((channels, 2, RATE, 0, "NONE", ""))
        opened.writeframes((np.stack([customer, agent][:channels], axis=1) * 32767).astype(np.int16).tobytes())
    return path


def test_prints_a_line_a_window(tmp_path: Path) -> None:
    result = runner.invoke(app, ["listen", str(call(tmp_path / "call.wav")), "--customer", "left", "--json"])
    assert result.exit_code == 0
    windows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(one["begin"], one["end"]) for one in windows[:2]] == [(0.0, 3.0), (1.0, 4.0)]
    assert set(windows[1]["tone"]) == {"arousal", "stress", "anger", "sadness", "pleasure"}
    assert windows[-1]["abstained"] == "too_short"  # the agent speaks


def test_the_other_channel_is_the_customers_if_it_is_said_so(tmp_path: Path) -> None:
    result = runner.invoke(app, ["listen", str(call(tmp_path / "call.wav")), "--customer", "right", "--json"])
    told = [json.loads(line)["begin"] for line in result.stdout.splitlines() if json.loads(line)["tone"]]
    assert told
    assert min(told) >= 3.0  # the customer was silent for five seconds


def test_shows_a_table_for_people(tmp_path: Path) -> None:
    result = runner.invoke(app, ["listen", str(call(tmp_path / "call.wav")), "--customer", "left"])
    assert result.exit_code == 0
    assert "arousal" in result.stdout
    assert "On the whole: arousal" in " ".join(result.stdout.split())


@pytest.mark.parametrize(("channels", "options"), [(2, []), (1, []), (1, ["--customer", "left"])])
def test_reads_nobody_of_whom_it_is_not_sure(tmp_path: Path, channels: int, options: list[str]) -> None:
    result = runner.invoke(app, ["listen", str(call(tmp_path / "call.wav", channels)), *options])
    assert result.exit_code == 1
    assert "Not read (speaker_not_separable)" in result.stderr
    assert result.stdout == ""


def test_one_channel_is_read_where_nobody_else_speaks(tmp_path: Path) -> None:
    result = runner.invoke(app, ["listen", str(call(tmp_path / "message.wav", 1)), "--customer", "alone", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[1])["tone"]


def test_refuses_what_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "invoice.pdf"
    path.write_bytes(b"%PDF-1.7 nothing to hear")
    result = runner.invoke(app, ["listen", str(path), "--customer", "left"])
    assert result.exit_code == 1
    assert "invoice.pdf: this is no sound file" in " ".join(result.stderr.split())
