"""Any sequence-classification model in Hugging Face's layout reads in the place of ours."""

import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from unspoken.affect.reading import Abstention, Reading
from unspoken.perception.text import ModelUnavailable, TextPerceiver, TextSignal

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "wunderbar", "schlecht", "das", "ist", "sehr", "danke"]
SCORES = np.zeros((len(WORDS), 3), np.float32)  # of Freude, Wut, Neutral
SCORES[WORDS.index("wunderbar"), 0] = SCORES[WORDS.index("danke"), 0] = 30
SCORES[WORDS.index("schlecht"), 1] = 30
SCORES[WORDS.index("das"), 2] = 3


def field(number: int, value: int | bytes | str) -> bytes:
    """Return one field of a protocol buffer."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes((*parts, value))


def value_info(name: str, kind: int, *axes: str) -> bytes:
    shape = b"".join(field(1, field(2, axis)) for axis in axes)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def onnx_model() -> bytes:
    """Return a model that looks a word's scores up and takes their mean."""
    table = b"".join(field(1, size) for size in SCORES.shape) + field(2, 1) + field(8, "table")
    look_up = field(1, "table") + field(1, "input_ids") + field(2, "found") + field(4, "Gather")
    axes = field(5, field(1, "axes") + field(8, 1) + field(20, 7)) + field(
        5, field(1, "keepdims") + field(3, 0) + field(20, 2)
    )
    mean = field(1, "found") + field(2, "logits") + field(4, "ReduceMean") + axes
    graph = (
        field(1, look_up) + field(1, mean) + field(2, "tiny") + field(5, table + field(9, SCORES.tobytes()))
        + field(11, value_info("input_ids", 7, "B", "S")) + field(12, value_info("logits", 1, "B", "L"))
    )  # fmt: skip
    return field(1, 8) + field(7, graph) + field(8, field(2, 13))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "config.json").write_text(json.dumps({"id2label": {"0": "Freude", "1": "Wut", "2": "Neutral"}}))
    (tmp_path / "model.onnx").write_bytes(onnx_model())
    write(tmp_path, {"Freude": {"joy": 1, "gratitude": 0.5}, "Wut": "anger", "Neutral": "neutral"})
    return tmp_path


def write(folder: Path, labels: dict[str, object]) -> None:
    ours = {"name": "winzig", "version": "7", "languages": ["de"], "labels": labels}
    (folder / "unspoken.json").write_text(json.dumps(ours))


def test_reads_in_our_words(folder: Path) -> None:
    glad, cross = TextPerceiver(folder).read([TextSignal("das ist wunderbar"), TextSignal("das ist sehr schlecht")])
    assert isinstance(glad, Reading) and isinstance(cross, Reading)
    assert max(glad.labels, key=glad.labels.__getitem__) == "joy"
    assert glad.labels["gratitude"] == pytest.approx(glad.labels["joy"] / 2, abs=1e-4)
    assert (glad.top, cross.top) == ("delight", "anger")
    assert glad.valence > 0.5 > -0.5 > cross.valence
    assert (glad.producer.name, glad.producer.version, len(glad.producer.sha256)) == ("winzig", "7", 64)
    assert (glad.embedding, glad.service, glad.spans) == (None, {}, ())


def test_reads_a_batch_as_it_reads_each_alone(folder: Path) -> None:
    perceiver = TextPerceiver(folder, threads=2)
    signals = [TextSignal(f"das ist {'sehr ' * (n % 4)}{WORDS[4 + n % 2]}") for n in range(70)]
    assert perceiver.read(signals[:1] * 70) == perceiver.read(signals[:1]) * 70
    assert [one.top for one in perceiver.read(signals) if isinstance(one, Reading)] == ["delight", "anger"] * 35


def test_abstains_from_languages_that_it_does_not_read(folder: Path) -> None:
    (found,) = TextPerceiver(folder).read([TextSignal("I have been waiting for my refund for three weeks now")])
    assert isinstance(found, Abstention) and found.reason == "language"


@pytest.mark.parametrize(
    ("labels", "words"),
    [({"Zorn": "anger"}, "'Zorn' is no label of the model"), ({"Wut": "rage"}, "'rage' is no label of ours")],
)
def test_says_which_label_is_unknown(folder: Path, labels: dict[str, object], words: str) -> None:
    write(folder, labels)
    with pytest.raises(ModelUnavailable, match=words):
        _ = TextPerceiver(folder).producer


def test_says_what_is_missing_or_damaged(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        _ = TextPerceiver(folder).producer
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelUnavailable, match=r"lacks model\.onnx"):
        _ = TextPerceiver(folder).producer
    with pytest.raises(ModelUnavailable, match="There is no text model in"):
        _ = TextPerceiver(folder / "nowhere").producer
