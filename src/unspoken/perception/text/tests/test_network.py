"""The model's files, and what the network's numbers mean."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from unspoken.perception.artifacts import ModelUnavailable, seal
from unspoken.perception.text import TextPerceiver, TextSignal
from unspoken.perception.text.context import Context
from unspoken.perception.text.network import FOLDER, Network
from unspoken.perception.text.pieces import WINDOW

TEXTS = ["Thanks!", "I have asked three times and still no answer.", "Where is it? 😡😡", "It was lovely. " * 60]


@pytest.fixture(scope="module")
def network() -> Network:
    return Network()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "model")


def test_a_label_is_the_mean_of_its_tokens_plus_a_constant(network: Network) -> None:
    scores = network.score(network.encode(TEXTS))
    told = scores.evidence([(row, label) for row in range(len(TEXTS)) for label in range(28)])
    constants = scores.logits - np.array([evidence.mean() for evidence in told]).reshape(-1, 28)
    assert constants == pytest.approx(np.broadcast_to(constants[0], constants.shape), abs=1e-4)


def test_a_text_reads_the_same_whatever_else_is_in_its_batch(network: Network) -> None:
    alone = [network.score(network.encode([text])) for text in TEXTS]
    together = network.score(network.encode(TEXTS * 40))
    for row, single in enumerate(alone):
        assert together.logits[row] == pytest.approx(single.logits[0], abs=1e-4)
        assert together.ratings[row] == pytest.approx(single.ratings[0], abs=1e-4)
        assert together.embeddings[row + len(TEXTS)] == pytest.approx(single.embeddings[0], abs=1e-4)


def test_exclamation_marks_raise_arousal_and_only_those_of_the_message_itself(network: Network) -> None:
    windows = network.encode(["Where is it.", "Where is it!", "Where is it!!!"])
    rising = network.score(windows).ratings[:, 1]
    assert rising[0] < rising[1] < rising[2]
    calm, loud = network.behind([Context("It is on its way" + end) for end in (".", "!!!!!!!!!!!!")])
    beside_calm, beside_loud = network.score([windows[0]] * 2, [calm, loud]).ratings[:, 1]
    assert abs(beside_loud - beside_calm) < rising[2] - rising[0]


def test_a_long_text_is_cut_into_windows(network: Network) -> None:
    (encoding,) = network.encode(["word " * 300])
    lengths = [len(window.ids) for window in (encoding, *encoding.overflowing)]
    assert lengths == [WINDOW, WINDOW, 300 - 2 * (WINDOW - 2) + 2]


def test_emoji_are_known_and_skin_tones_are_not_seen(network: Network) -> None:
    plain, toned = network.encode(["👍 fine", "👍🏿 fine"])
    assert plain.ids == toned.ids
    assert "👍" in plain.tokens


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "labels.json", "calibration.json", "spelling.gz"])
def test_refuses_a_damaged_file(copied: Path, name: str) -> None:
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(ModelUnavailable, match=rf"{name} is damaged.*stored all the same.*install unspoken again"):
        TextPerceiver(copied).read([TextSignal("Thanks!")])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "SHA256SUMS"])
def test_refuses_a_missing_file(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(ModelUnavailable, match=rf"{name} cannot be .*stored all the same"):
        TextPerceiver(copied).read([TextSignal("Thanks!")])


def test_refuses_labels_in_another_order(copied: Path) -> None:
    labels = (copied / "labels.json").read_text(encoding="utf-8").replace('"anger"', '"joy"', 1)
    (copied / "labels.json").write_text(labels, encoding="utf-8")
    seal(copied)
    with pytest.raises(ModelUnavailable, match="does not name the 28 labels"):
        TextPerceiver(copied).read([TextSignal("Thanks!")])


def test_reads_again_once_the_file_is_back(copied: Path) -> None:
    perceiver = TextPerceiver(copied)
    (copied / "model.onnx").rename(copied / "away")
    with pytest.raises(ModelUnavailable):
        perceiver.read([TextSignal("Thanks!")])
    (copied / "away").rename(copied / "model.onnx")
    assert perceiver.read([TextSignal("Thanks!")]) == TextPerceiver().read([TextSignal("Thanks!")])
