"""Persons are hidden before a text is read, and what is shown points at the text as it was written."""

import pytest

from unspoken.perception.text.persons import mask


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Michael is angry about the invoice.", "[NAME] is angry about the invoice."),
        ("ask lakisha or wei, please", "ask [NAME] or [NAME], please"),
        ("Ada Okafor's parcel, not JOE's", "[NAME]'s parcel, not [NAME]'s"),
        ("My wife and our neighbours wait", "[NAME] and [NAME] wait"),
        ("Dr. Vasquez-Lind said no. Mr Oduya too", "[NAME] said no. [NAME] too"),
        ("write to ben@example.org or @ben_k", "write to [NAME] or [NAME]"),
        ("call +44 7700 900123 today", "call [NUMBER] today"),
        ("card 4111 1111 1111 1111, IBAN GB82 WEST 1234 5698 7654 32", "card [NUMBER], IBAN [NUMBER]"),
        ("Kevin is a Roman Catholic poet, his neighbour is gay", "[NAME] is a [RELIGION] poet, [NAME] is [RELIGION]"),
        ("An Orthodox Jew and an asian actor", "A [RELIGION] and a [RELIGION] actor"),
        ("Dylan is a black victim, he's a straight man", "[NAME] is a [RELIGION] victim, he's a [RELIGION] man"),
        ("a Shi'a saint; rude to brown people", "a [RELIGION] saint; rude to [RELIGION] people"),
        ("the Polish driver polished it", "the [RELIGION] driver polished it"),
        ("After the call Long told me they felt sad", "After the call [NAME] told me they felt sad"),
        ("I write for An, who feels sad", "I write for [NAME], who feels sad"),
        ("Ebony was worried, Ebony said", "[NAME] was worried, [NAME] said"),
        ("already hidden: [NAME] and [NUMBER]", "already hidden: [NAME] and [NUMBER]"),
    ],
)
def test_hides_persons_and_the_numbers_that_lead_to_them(text: str, hidden: str) -> None:
    assert mask(text).text == hidden


@pytest.mark.parametrize(
    "text",
    [
        "I hope for joy and grace, will you mark it paid?",
        "Olive oil leaked, a harsh smell. Robin eggs won.",
        "Order 2024-11-26 12:30, part 4711, 12/11/2024, 3.14159265",
        "card 4111 1111 1111 1112? no",
        "THE VAN NEVER CAME IN JUNE",
        "An order is missing. My order is late. I told You so on Monday.",
        "Great Service From Support Team Said Nobody Ever",
        "It is a black screen on a white table, go straight to the brown one.",
        "",
    ],
)
def test_leaves_other_words_and_numbers_alone(text: str) -> None:
    found = mask(text)
    assert found.text == text
    assert found.originals([(0, 1)]) == [(0, 1)]


def test_hides_whoever_is_known_to_take_part() -> None:
    assert mask("thanks Zorblax, said Hope", ["Zorblax Quent", "Hope"]).text == "thanks [NAME], said [NAME]"


def test_points_at_the_text_as_it_was_written() -> None:
    text = "so Michael Smith and my wife are furious"
    found = mask(text)
    start = found.text.index("furious")
    name = found.text.index("[NAME]")
    places = found.originals([(start, start + 7), (name, name + 6), (0, 2), (0, 0)])
    assert [text[begin:end] for begin, end in places] == ["furious", "Michael Smith", "so", ""]
