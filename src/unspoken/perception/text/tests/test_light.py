"""The light model: the same outputs from numpy alone."""

import subprocess
import sys

import numpy as np
import pytest

from unspoken.affect.reading import Reading
from unspoken.perception.text import TextPerceiver, TextSignal
from unspoken.perception.text.context import Context
from unspoken.perception.text.light import BUCKETS, VOCABULARY, LightNetwork, features

TEXTS = ["Thanks!", "I have asked three times and still no answer.", "Where is it? 😡😡", "It was lovely. " * 60]


@pytest.fixture(scope="module")
def light() -> TextPerceiver:
    return TextPerceiver("light")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Thank you so much!", "gratitude"),
        ("I'm so sad, my dog died.", "sadness"),
        ("Wow, this is amazing, I love it!", "delight"),
        ("My order number is 4471.", "neutral"),
    ],
)
def test_reads_a_plain_message_as_what_it_says(light: TextPerceiver, text: str, category: str) -> None:
    (found,) = light.read([TextSignal(text)])
    assert isinstance(found, Reading)
    assert found.top == category
    assert found.embedding is not None and np.linalg.norm(found.embedding) == pytest.approx(1, abs=1e-5)
    assert found.producer.name == "unspoken-text-light"


def test_points_at_the_words_that_carried_it(light: TextPerceiver) -> None:
    text = "My order number is 1234 and I am disgusted by the smell."
    (found,) = light.read([TextSignal(text)])
    assert isinstance(found, Reading)
    assert "disgusted" in {text[span.start : span.end] for span in found.spans}


def test_a_text_reads_the_same_whatever_else_is_in_its_batch() -> None:
    network = LightNetwork()
    alone = [network.score(network.encode([text])) for text in TEXTS]
    together = network.score(network.encode(TEXTS * 9))
    for row, single in enumerate(alone):
        assert together.logits[row] == pytest.approx(single.logits[0], abs=1e-4)
        assert together.embeddings[row + len(TEXTS)] == pytest.approx(single.embeddings[0], abs=1e-4)
        assert together.evidence[row] == pytest.approx(single.evidence[0], abs=1e-3)


def test_a_label_is_the_mean_of_its_tokens() -> None:
    network = LightNetwork()
    scores = network.score(network.encode(TEXTS))
    for row, evidence in enumerate(scores.evidence):
        assert evidence.mean(axis=0) == pytest.approx(scores.logits[row], abs=1e-3)


def test_neighbours_are_told_apart_from_their_reverse() -> None:
    one, other = features(np.array([5, 6, 7])), features(np.array([7, 6, 5]))
    assert len(one) == 5
    assert set(one[:3]) == set(other[:3])
    assert not set(one[3:]) & set(other[3:])
    assert all(VOCABULARY <= pair < VOCABULARY + BUCKETS for pair in one[3:])


def test_reads_without_what_came_before(light: TextPerceiver) -> None:
    alone, after = light.read([TextSignal("ok then"), TextSignal("ok then", context=Context("We refused.", ("no",)))])
    assert alone == after


def test_needs_no_runtime_but_numpy() -> None:
    script = (
        "import sys\nfrom unspoken.perception.text import TextPerceiver, TextSignal\n"
        "TextPerceiver('light').read([TextSignal('Thanks!')])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'onnxruntime', 'torch', 'django'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
