"""Slips of the keyboard are mended before a text is read, and nothing else is."""

import json
import re
from pathlib import Path

import pytest

from unspoken.affect.reading import Reading
from unspoken.perception.text import TextPerceiver, TextSignal, shipped
from unspoken.perception.text.choice import LIGHT, STANDARD, mending
from unspoken.perception.text.persons import Masked, mask
from unspoken.perception.text.spelling import FILE, Spelling

OWN = Path(__file__).parents[5] / "training/text/service"


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return mending(STANDARD)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("this is terrbile, cancle my ordre", "this is terrible, cancel my order"),
        ("The delviery was horible!!!", "The delivery was horrible!!!"),
        ("Terrbile. Thansk (again).", "terrible. thanks (again)."),
        ("TERRBILE SERVICE", "terrible SERVICE"),
        (
            "Last week I dind't even recieve the compnay’s reciept",
            "Last week I didn't even receive the company’s receipt",
        ),
        ("hwat a dissappointed custmer", "what a disappointed customer"),
        ("it is worht it, ezpensive but amazingg", "it is worth it, expensive but amazing"),
    ],
)
def test_mends_one_slip_in_a_word(spelling: Spelling, text: str, mended: str) -> None:
    assert spelling.mended(Masked(text)).text == mended


@pytest.mark.parametrize(
    "text",
    [
        "He was unkind and untrue, we felt misled, I resent that it rained.",
        "The colour of the organised centre is my favourite; they apologised and cancelled.",
        "The color of the organized center is my favorite; they apologized and canceled.",
        "meh, ugh, gonna wait, dunno innit, kinda soooo boring, hmmmm hahaha yesss",
        "cannae get nothin aboot ma wee bairn, dem tings nuh workin, wagwan fam",
        "Klarna refused, my Fitbit and the Xiaomi broke, try Zalando or giffgaff",
        "my klarna, fitbit, xiaomi, zalando and giffgaff accounts",
        "order DELVIERY, the Delviery, #delviery @delviery delviery.com /delviery del_viery delviery2 well-knwon",
        "https://example.org/terrbile/delviery?x=custmer",
        "run `delviery --terrbile` now",
        "sdkfj wkejrq lkjwe oiuwe",
        "das ist wirklich schrecklich gewesen, ganz furchtbar",
        "the teh adn",
    ],
)
def test_leaves_alone_what_may_be_meant_as_it_stands(spelling: Spelling, text: str) -> None:
    assert spelling.mended(Masked(text)) == Masked(text)


def test_changes_hardly_a_word_of_messages_that_it_has_not_counted(spelling: Spelling) -> None:
    lines = (OWN / "care.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [mask(json.loads(line)["text"]) for line in lines]
    changed = [piece for text in texts for piece in spelling.mended(text).masks if piece[2:] not in _places(text)]
    assert len(changed) == 1  # a surname that begins a sentence
    assert len(changed) / sum(len(text.text.split()) for text in texts) < 0.0003


def _places(text: Masked) -> set[tuple[int, int]]:
    return {(start, end) for _, _, start, end in text.masks}


def test_takes_the_likelier_word_only_where_it_is_clearly_likelier() -> None:
    assert Spelling({"bred": 9, "bled": 3}).mended(Masked("they bced")).text == "they bred"
    assert Spelling({"bred": 9, "bled": 9}).mended(Masked("they bced")).text == "they bced"
    assert Spelling({"bred": 0, "bled": 0}).mended(Masked("they bced")).text == "they bced"


def test_a_usual_slip_counts_for_more_than_a_usual_word() -> None:
    assert Spelling({"slot": 6, "sold": 9}).mended(Masked("a solt")).text == "a slot"


def test_needs_more_to_take_a_form_of_a_known_word_for_a_slip() -> None:
    shops = Spelling({"shopper": 6})
    assert shops.mended(Masked("the shopperz")).text == "the shopper"
    assert shops.mended(Masked("the shoppers")).text == "the shoppers"


def test_needs_more_to_take_a_word_with_a_capital_for_a_slip() -> None:
    plants = Spelling({"fern": 4})
    assert plants.mended(Masked("so. fren is")).text == "so. fern is"
    assert plants.mended(Masked("so. Fren is")).text == "so. Fren is"


def test_points_at_the_words_as_they_were_written(spelling: Spelling) -> None:
    text = "Ask Michael, my terrbile delviery came late"
    mended = spelling.mended(mask(text))
    assert mended.text == "Ask [NAME], my terrible delivery came late"
    found = [found.span() for found in re.finditer(r"\[NAME\]|\w+", mended.text)]
    assert [text[start:end] for start, end in mended.originals(found)] == text.replace(",", "").split()


def test_the_evidence_of_a_mended_word_lies_in_the_text_as_written() -> None:
    text = "I ordered it on Monday and I am disgsuted by the smell."
    (outcome,) = shipped().read([TextSignal(text)])
    assert isinstance(outcome, Reading)
    assert "disgsuted" in {text[span.start : span.end] for span in outcome.spans}


@pytest.mark.parametrize("model", ["standard", "light"])
def test_a_slip_does_not_change_a_reading(model: str) -> None:
    right, wrong = TextPerceiver(model).read(
        [TextSignal("I am so disappointed with this company."), TextSignal("I am so disapointed with this compnay.")]
    )
    assert isinstance(right, Reading) and isinstance(wrong, Reading)
    assert wrong.labels == pytest.approx(right.labels, abs=1e-5)


def test_both_models_mend_to_the_same_words() -> None:
    assert (STANDARD / FILE).read_bytes() == (LIGHT / FILE).read_bytes()
