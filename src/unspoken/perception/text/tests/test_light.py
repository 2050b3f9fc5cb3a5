"""The light model: the same outputs from numpy alone."""

import subprocess
import sys

import numpy as np
import pytest

from unspoken.affect.reading import Reading
from unspoken.affect.vocabulary import LABELS
from unspoken.perception.text import TextPerceiver, TextSignal
from unspoken.perception.text.context import Context
from unspoken.perception.text.light import LightNetwork

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
        assert together.evidence([(33, 2), (row, 5)])[1] == pytest.approx(single.evidence([(0, 5)])[0], abs=1e-3)


def test_a_label_is_the_mean_of_its_tokens() -> None:
    network = LightNetwork()
    scores = network.score(network.encode(TEXTS))
    every = [(row, label) for row in range(len(TEXTS)) for label in range(len(LABELS))]
    means = [evidence.mean() for evidence in scores.evidence(every)]
    assert means == pytest.approx(scores.logits.ravel(), abs=1e-3)


def test_the_order_of_neighbours_counts() -> None:
    network = LightNetwork()
    scores = network.score(network.encode(["not good, bad", "not bad, good"]))
    assert np.abs(scores.logits[0] - scores.logits[1]).max() > 0.5


def test_what_stands_in_another_text_of_the_batch_is_no_neighbour() -> None:
    network = LightNetwork()
    alone = network.score(network.encode(["good"]))
    between = network.score(network.encode(["this is not", "good", "at all, never"]))
    assert between.logits[1] == pytest.approx(alone.logits[0], abs=1e-5)


def test_a_piece_carries_what_taking_it_away_takes_from_the_logit() -> None:
    network = LightNetwork()
    whole, without = network.score(network.encode(["I am so disgusted by this", "I am so by this"])).logits
    disgust = LABELS.index("disgust")
    (evidence,) = network.score(network.encode(["I am so disgusted by this"])).evidence([(0, disgust)])
    assert whole[disgust] - without[disgust] > 1
    assert evidence.argmax() == 4  # [CLS] I am so disgusted


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
