import time

import pytest

from unspoken.affect.wording import closes, facts_of, misunderstands, promise_due, refuses, text_key

HOUR, DAY = 3600.0, 86400.0


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("We will get back to you within 24 hours.", 24 * HOUR),
        ("You'll have an answer in 30 minutes", 30 * 60.0),
        ("Delivery takes 3-5 business days.", 7 * DAY),
        ("The refund should arrive within two to three days.", 3 * DAY),
        ("I'll call you back in a couple of hours", 2 * HOUR),
        ("It usually takes up to two weeks.", 14 * DAY),
        ("A colleague will write in the next hour; expect the parcel within 2 days.", 2 * DAY),
        ("I will get back to you tomorrow.", 36 * HOUR),
        ("I'll send the label by the end of the day.", 12 * HOUR),
        ("Your order should ship this week.", 7 * DAY),
    ],
)
def test_finds_when_a_promise_is_due(text: str, after: float) -> None:
    assert promise_due(text, 1000.0) == pytest.approx(1000.0 + after)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your patience.",
        "You ordered it 3 days ago.",
        "The hotel is open 24 hours.",
        "You wrote to us in 2 of the last weeks.",
        "",
    ],
)
def test_finds_no_promise_where_none_is_made(text: str) -> None:
    assert promise_due(text, 1000.0) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Unfortunately that colour is sold out.", True),
        ("I'm afraid we don't offer refunds on this.", True),
        ("There are no trains after ten.", True),
        ("We are unable to change the address now.", True),
        ("The booking was successful!", False),
        ("Which size would you like?", False),
        ("No problem, I have changed it for you.", False),
    ],
)
def test_tells_a_refusal_from_help(text: str, expected: bool) -> None:
    assert refuses(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Goodbye and have a nice day!", True),
        ("No, that's all, thank you.", True),
        ("Thanks, bye", True),
        ("All of that is good to know. What about the blue one?", False),
        ("I can't buy it", False),
        ("I have a flight on Monday", False),
        ("Do you have anything else around eight?", False),
    ],
)
def test_knows_when_someone_takes_leave(text: str, expected: bool) -> None:
    assert closes(text) is expected


def test_asking_for_anything_else_is_no_asking_back() -> None:
    more = facts_of("Can I help you with anything else?")
    assert (more.offers_more, more.asks, more.closes) == (True, False, False)
    back = facts_of("Which size would you like?")
    assert (back.offers_more, back.asks, back.closes) == (False, True, False)


def test_knows_when_we_did_not_understand() -> None:
    assert misunderstands("Sorry, I didn't quite catch that.")
    assert misunderstands("Could you please rephrase that?")
    assert not misunderstands("I understand. Let me check.")


def test_a_key_keeps_what_a_text_is_about() -> None:
    assert text_key("Where is my PARCEL? I ordered it in May!") == "may ordered parcel"
    assert text_key("I ordered it in may, where is my parcel") == "may ordered parcel"
    assert text_key("Yes please, thank you") == ""
    assert text_key("Parcel?") == ""


def test_an_enormous_text_costs_no_more_than_a_long_one() -> None:
    start = time.perf_counter()
    facts = facts_of("within " * 1_500_000)
    assert facts.promised_within is None
    assert time.perf_counter() - start < 0.5
