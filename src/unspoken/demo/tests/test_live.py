"""The live chat does what the README promises: with the shipped model and rules, a flag within the first minute."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from unspoken.demo.history import SOURCE, person_of
from unspoken.demo.replay import line_of, play
from unspoken.demo.shop import address, open_shop
from unspoken.demo.written import lines_of
from unspoken.flags.defaults import install_default_rules
from unspoken.flags.models import Flag
from unspoken.intake.inbound import Inbound
from unspoken.intake.pipeline import Pipeline
from unspoken.readings.actions.perceive import perceive, text_perceiver

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def reader() -> Iterator[None]:
    yield
    text_perceiver().close()


@pytest.mark.django_db
@pytest.mark.usefixtures("reader")
def test_frustration_is_flagged_at_the_broken_promise_and_within_the_first_minute() -> None:
    open_shop(now=MONDAY)
    install_default_rules(MONDAY)
    (told,) = lines_of("live.jsonl")
    clock = [MONDAY]
    pipeline = Pipeline(perceive)

    def submit(inbound: Inbound) -> None:
        (receipt,) = pipeline.receive([inbound], now=clock[0])
        assert not receipt.error

    def pause(seconds: float) -> bool:
        clock[0] += timedelta(seconds=seconds)
        return False

    play(
        [line for turn in told["messages"] if (line := line_of(turn))], person=person_of(told), source=SOURCE,
        inbox=told["inbox"], member_email=address("ben"), submit=submit, clock=lambda: clock[0], stopped=pause,
    )  # fmt: skip
    flag = Flag.objects.get(rule__name="rising-frustration")
    assert flag.message.text.startswith("You promised me a call within 24 hours")
    assert flag.message.occurred_at - MONDAY == timedelta(seconds=35)
