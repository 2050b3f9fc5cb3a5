"""The perceiver with the shipped model."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspoken.affect.reading import Abstention, Reading, Reason
from unspoken.affect.vocabulary import CX, LABELS, MARKS, cx_of
from unspoken.perception.text import TextPerceiver, TextSignal, shipped
from unspoken.perception.text.context import Context

MESSAGES = [
    "Thank you so much, that solved it!",
    "I have asked you three times and still no answer, this is ridiculous.",
    "Where is my parcel?",
    "I am terrified that my mother's present is lost.",
    "ok",
    "The colour is lovely, but I expected better quality for that price. " * 12,
]


def read(text: str) -> Reading:
    (outcome,) = shipped().read([TextSignal(text)])
    assert isinstance(outcome, Reading), outcome
    return outcome


def reason(text: str, *, automatic: bool = False) -> Reason:
    (outcome,) = shipped().read([TextSignal(text, automatic=automatic)])
    assert isinstance(outcome, Abstention), outcome
    return outcome.reason


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Thank you so much!", "gratitude"),
        ("I have no idea what you mean, I am confused.", "confusion"),
        ("I am terrified that it is lost.", "worry"),
        ("I'm so sad, my dog died.", "sadness"),
        ("Wow, this is amazing, I love it!", "delight"),
        ("How does that work? I am curious.", "interest"),
        ("The parcel has three screws.", "neutral"),
    ],
)
def test_reads_a_plain_message_as_what_it_says(text: str, category: str) -> None:
    assert read(text).top == category


def test_reads_praise_as_more_pleasant_than_complaint() -> None:
    assert read("This is wonderful, thanks!").valence > 0.2 > -0.2 > read("This is terrible, I hate it.").valence


def test_reads_shouting_as_more_aroused_than_a_statement() -> None:
    assert read("I am furious!!! This is outrageous!").arousal > read("The parcel has three screws.").arousal + 0.1


@pytest.mark.parametrize("text", ["Thanks!", "Terrible.", "ok", "😡", "❤️", ":)", "THANK YOU", "No."])
def test_reads_very_short_messages(text: str) -> None:
    assert 0 <= read(text).confidence <= 1


def test_fills_every_field_within_its_range() -> None:
    for message in MESSAGES:
        reading = read(message)
        assert tuple(reading.labels) == LABELS
        assert tuple(reading.cx) == tuple(CX)
        assert all(0 <= p <= 1 for p in (*reading.labels.values(), *reading.cx.values()))
        assert -1 <= reading.valence <= 1
        assert 0 <= reading.arousal <= 1
        assert reading.embedding is not None
        assert reading.embedding.dtype == np.float32
        assert reading.embedding.shape == (384,)
        assert float(np.linalg.norm(reading.embedding)) == pytest.approx(1, abs=1e-5)
        assert len(reading.producer.sha256) == 64


def test_makes_the_categories_from_the_labels_as_the_vocabulary_says() -> None:
    reading = read(MESSAGES[1])
    assert reading.cx == pytest.approx(cx_of(reading.labels), abs=1e-12)


def test_places_the_same_question_nearer_than_another() -> None:
    asked, again, other = (
        read(text).embedding
        for text in ("Where is my parcel?", "Can you tell me where my package is?", "The jacket is too small for me.")
    )
    assert asked is not None
    assert again is not None
    assert other is not None
    assert float(asked @ again) > float(asked @ other) + 0.3


def test_points_at_the_words_that_carried_it() -> None:
    text = "My order number is 1234 and I am disgusted by the smell."
    carried = {text[span.start : span.end]: span.label for span in read(text).spans}
    assert carried == {"disgusted": "disgust", "smell": "disgust"}


@pytest.mark.parametrize("person", ["Michael", "Lakisha", "Nguyen", "Fatima", "my mother", "our neighbour", "Zorblax"])
def test_reads_alike_whoever_is_spoken_of(person: str) -> None:
    signal = TextSignal(f"{person} is furious about the last invoice.", names=("Zorblax",))
    (found,) = shipped().read([signal])
    expected = read("Emily is furious about the last invoice.")
    assert isinstance(found, Reading)
    assert (found.labels, found.valence) == (expected.labels, expected.valence)
    assert [signal.text[span.start : span.end] for span in found.spans] == [
        "Emily is furious about the last invoice."[span.start : span.end].replace("Emily", person)
        for span in expected.spans
    ]


def test_a_short_message_is_read_with_what_came_before() -> None:
    after = {
        "refusal": Context("I am afraid we cannot refund that.", ("I want my money back, this is a scam",)),
        "help": Context("Your refund went out this morning.", ("you are all so kind, thank you",)),
    }
    refused, helped = shipped().read([TextSignal("ok then", context=context) for context in after.values()])
    assert isinstance(refused, Reading) and isinstance(helped, Reading)
    assert refused.service["dissatisfied"] > helped.service["dissatisfied"] + 0.1
    assert refused.valence < helped.valence


def test_a_long_message_is_read_for_itself() -> None:
    text = "I have been waiting for this parcel since the third of March and nobody has answered me at all."
    (found,) = shipped().read([TextSignal(text, context=Context("You are welcome!", ("lovely, thank you",)))])
    assert found == read(text)


def test_context_and_names_do_not_depend_on_the_batch() -> None:
    signals = [
        TextSignal("no", context=Context("Did that help, Ada?", ("hello",)), names=("Ada Quent",)),
        TextSignal("no"),
        TextSignal("no", context=Context("", ("it is broken",))),
        TextSignal("Where is my parcel?", context=Context("Hello!")),
    ]
    together, alone = shipped().read(signals), [shipped().read([signal])[0] for signal in signals]
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, Reading) and isinstance(other, Reading)
        assert one.labels == pytest.approx(other.labels, abs=1e-5)
    assert isinstance(together[0], Reading) and isinstance(together[1], Reading)
    assert together[0].labels != together[1].labels


def test_says_nothing_where_it_would_mostly_be_wrong() -> None:
    ends = ("it could be nice or awful", "you never know haha", "I hope, or maybe not", "that was odd, funny and sad")
    texts = [f"{start} {end}" for start in ("hm, I wonder", "sorry lol", "well, so", "not sure but") for end in ends]
    outcomes = shipped().read([TextSignal(text) for text in texts])
    forced = shipped().read([TextSignal(text) for text in texts], force=True)
    point = shipped()._parts().calibration.operating_point
    marks = shipped().service_thresholds
    for outcome, reading in zip(outcomes, forced, strict=True):
        assert isinstance(reading, Reading)
        marked = any(reading.service[mark] >= marks[mark] for mark in MARKS)
        if reading.confidence >= point or marked:
            assert outcome == reading
        else:
            assert isinstance(outcome, Abstention) and outcome.reason == Reason.UNSURE
    assert {type(outcome) for outcome in outcomes} == {Reading, Abstention}


def test_names_what_cannot_be_ruled_out() -> None:
    clear, unclear = read("Thank you so much!"), read("Great, another week without heating.")
    assert "gratitude" in shipped().possible(clear)
    assert len(shipped().possible(unclear)) > len(shipped().possible(clear))


def test_keeps_the_order_of_the_batch() -> None:
    signals = [TextSignal(text) for text in (*MESSAGES, "", *reversed(MESSAGES))]
    outcomes = shipped().read(signals)
    alone = [shipped().read([signal])[0] for signal in signals]
    assert [type(outcome) for outcome in outcomes] == [type(outcome) for outcome in alone]
    assert [outcome.producer for outcome in outcomes] == [outcome.producer for outcome in alone]
    for together, single in zip(outcomes, alone, strict=True):
        if isinstance(together, Reading) and isinstance(single, Reading):
            assert together.labels == pytest.approx(single.labels, abs=1e-5)
            assert together.valence == pytest.approx(single.valence, abs=1e-5)
            assert [(s.start, s.end, s.label) for s in together.spans] == [
                (s.start, s.end, s.label) for s in single.spans
            ]


def test_reads_the_same_text_the_same_way_twice() -> None:
    signals = [TextSignal(text) for text in MESSAGES]
    assert shipped().read(signals) == shipped().read(signals)


def test_several_threads_read_as_one_does() -> None:
    signals = [TextSignal(text) for text in MESSAGES]
    expected = shipped().read(signals)
    fresh = TextPerceiver(threads=2)
    with ThreadPoolExecutor(4) as pool:
        assert all(outcomes == expected for outcomes in pool.map(lambda _: fresh.read(signals), range(8)))


def test_an_empty_batch_reads_as_nothing() -> None:
    assert shipped().read([]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Reason.NO_TEXT),
        (" \n\t", Reason.NO_TEXT),
        ("12345 67", Reason.NO_TEXT),
        ("https://example.org/terrible?x=1", Reason.NO_TEXT),
        ("```\nraise ValueError('terrible')\n```", Reason.NO_TEXT),
        ("...!?", Reason.NO_TEXT),
        ("mina@example.org", Reason.NO_TEXT),
        ("k", Reason.TOO_SHORT),
        ("x 1", Reason.TOO_SHORT),
        ("Das ist eine schreckliche Enttäuschung", Reason.LANGUAGE),
        ("Danke!", Reason.LANGUAGE),
        ("Gracias por todo", Reason.LANGUAGE),
        ("Où est ma commande ?", Reason.LANGUAGE),
        ("это ужасно", Reason.LANGUAGE),
        ("すごく困っています", Reason.LANGUAGE),
        ("مرحبا أين طلبي", Reason.LANGUAGE),
        ("word " * 4_001, Reason.TOO_LONG),
    ],
)
def test_says_why_it_does_not_read(text: str, expected: Reason) -> None:
    assert reason(text) is expected


def test_does_not_read_automatic_messages() -> None:
    assert reason("Thank you for your message! I am out of office.", automatic=True) is Reason.AUTOMATIC


@pytest.mark.parametrize(
    "text",
    [
        "Müller here, where is my order?",
        "The café in Las Vegas was no good",
        "lol wtf",
        "pls refund asap",
        "Mir Hussain, Kuala Lumpur: item damaged",
        "sooo happyyyy",
        "I told you: das ist nicht my problem, you fix it",
    ],
)
def test_reads_english_with_foreign_names_and_slang(text: str) -> None:
    read(text)


def test_finds_what_is_expressed_at_the_end_of_a_long_message() -> None:
    filler = "The museum opens at nine on Mondays and shows paintings from Spain. " * 30
    text = filler + "I am furious, this is outrageous and disgusting!"
    reading = read(text)
    assert reading.cx["anger"] > read(filler).cx["anger"] + 0.3
    assert reading.spans[0].start > len(filler)


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=400))
def test_never_fails_and_keeps_spans_inside_any_text(text: str) -> None:
    (outcome,) = shipped().read([TextSignal(text)])
    if isinstance(outcome, Reading):
        for span in outcome.spans:
            assert 0 <= span.start < span.end <= len(text)
            assert text[span.start : span.end].strip() == text[span.start : span.end]
            assert span.label in LABELS
            assert -1 <= span.weight <= 1
        taken = sorted((span.start, span.end) for span in outcome.spans)
        assert all(left[1] <= right[0] for left, right in pairwise(taken))
        assert list(outcome.spans) == sorted(outcome.spans, key=lambda span: (-span.weight, span.start))


def test_lone_surrogates_are_read_as_unknown_characters() -> None:
    assert read("I am \ud83d furious").top == read("I am � furious").top


def test_needs_neither_django_nor_torch_nor_the_network() -> None:
    script = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('the network was used')\n"
        "socket.socket.connect = refuse\n"
        "from unspoken.perception.text import TextSignal, shipped\n"
        "shipped().read([TextSignal('Thanks!')])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'django', 'torch', 'httpx', 'transformers'}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
