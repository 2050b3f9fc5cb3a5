"""A short message is read with what came before it, and with nothing else."""

from collections.abc import Sequence

import pytest

from unspoken.affect.reading import Outcome
from unspoken.conversations.models import Author
from unspoken.intake.pipeline import Pipeline
from unspoken.intake.reader import read_pending
from unspoken.people.models import Contact
from unspoken.privacy.models import Decision
from unspoken.readings.actions import Words

from .fake import START, consents, read, said

NOW = START.replace(hour=23)


class Listening:
    """A stand-in for the model that keeps what it was asked."""

    def __init__(self) -> None:
        self.heard: list[Words] = []

    def __call__(self, words: Sequence[Words]) -> list[Outcome | None]:
        self.heard += words
        return [*read(words)]

    def of(self, text: str) -> Words:
        return next(one for one in self.heard if one.text == text)


def test_looks_at_our_last_line_and_the_customers_own(mina: Contact) -> None:
    model = Listening()
    pipeline = Pipeline(model)
    pipeline.receive([said("it is terrible", 1), said("first answer", 2, minutes=1, author=Author.AGENT)], now=NOW)
    pipeline.receive([said("Will Friday do?", 3, minutes=2, author=Author.AGENT)], now=NOW)
    pipeline.receive([said("if it must", 4, minutes=3), said("Friday then.", 5, minutes=4)], now=NOW)
    assert model.of("it is terrible") == Words("it is terrible", names=("Mina",))
    last = model.of("Friday then.")
    assert (last.agent, last.before) == ("Will Friday do?", ("it is terrible", "if it must"))


def test_a_long_message_is_read_for_itself(mina: Contact) -> None:
    model = Listening()
    long = "I have been waiting for this parcel since the third of March and nobody has answered me at all"
    Pipeline(model).receive([said("hello", 1), said(long, 2, minutes=1)], now=NOW)
    assert model.of(long) == Words(long, names=("Mina",))


@pytest.mark.parametrize("changes", [{"private": True, "author": Author.AGENT}, {"author": Author.BOT}])
def test_private_notes_and_bots_are_not_looked_at(mina: Contact, changes: dict[str, object]) -> None:
    model = Listening()
    pipeline = Pipeline(model)
    pipeline.receive([said("between us", 1, **changes)], now=NOW)
    pipeline.receive([said("ok", 2, minutes=1)], now=NOW)
    assert model.of("ok") == Words("ok", names=("Mina",))


def test_words_without_permission_do_not_explain_later_ones(mina: Contact) -> None:
    model = Listening()
    consents(mina, Decision.WITHDRAWN)
    Pipeline(model).receive([said("a secret", 1)], now=NOW)
    consents(mina)
    Pipeline(model).receive([said("ok", 2, minutes=1)], now=NOW)
    assert model.of("ok").before == ()
    assert "a secret" not in [one.text for one in model.heard]


def test_a_message_read_later_is_read_with_the_same_lines(mina: Contact) -> None:
    Pipeline(read).receive([said("Will Friday do?", 1, author=Author.AGENT)], now=NOW)
    Pipeline(lambda words: [None] * len(words)).receive([said("sure", 2, minutes=1)], now=NOW)
    model = Listening()
    assert read_pending(NOW, read=lambda words: [one for one in model(words) if one]) == 1
    assert model.of("sure") == Words("sure", agent="Will Friday do?", names=("Mina",))


def test_another_conversation_explains_nothing(mina: Contact) -> None:
    model = Listening()
    Pipeline(model).receive([said("terrible", 1), said("ok", 2, minutes=1, conversation_id="c2")], now=NOW)
    assert model.of("ok").before == ()
