from datetime import UTC, datetime

from unspoken.affect.sentence import NOTHING, describe
from unspoken.affect.state import Area, Observation, State
from unspoken.affect.tests.readings import reading

NOW = datetime(2026, 11, 23, tzinfo=UTC).timestamp()


def seen(evidence: str, when: datetime, area: Area, *, channel: str = "chat", **cx: float) -> Observation:
    read = reading(**cx)
    return Observation(when.timestamp(), area, read.valence, read.cx, evidence, channel, evidence)


def day(month: int, number: int = 1, year: int = 2026) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


PRODUCT = State.of("product", [seen("p1", day(10), "product", satisfaction=0.8)])
REVIEWS = State.of("public", [seen("r1", day(11), "public", channel="review", neutral=0.9)])
SERVICE = State.of(
    "service",
    [
        seen("s1", day(11, 2), "service", frustration=0.1),
        seen("s2", day(11, 9), "service", frustration=0.4),
        seen("s3", day(11, 16), "service", frustration=0.7),
    ],
)


def test_says_what_is_known_in_one_sentence() -> None:
    sentence = describe({"product": PRODUCT, "public": REVIEWS, "service": SERVICE}, NOW)
    assert sentence.text == (
        "Reads as satisfied with the product and active in reviews; "
        "concern rising over the last three service contacts."
    )
    assert [(clause.area, clause.evidence, clause.stale) for clause in sentence.clauses] == [
        ("product", ("p1",), False),
        ("public", ("r1",), False),
        ("service", ("s3", "s2", "s1"), False),
    ]
    assert [clause.last_at for clause in sentence.clauses] == [
        day(10).timestamp(),
        day(11).timestamp(),
        day(11, 16).timestamp(),
    ]


def test_dates_a_stale_clause() -> None:
    states = {
        "product": State.of("product", [seen("p1", day(4), "product", delight=0.9)]),
        "service": State.of("service", [seen("s1", day(8), "service", frustration=0.6)]),
    }
    sentence = describe(states, NOW)
    assert sentence.text == (
        "Reads as delighted with the product (as of April) and frustrated with the service (as of August)."
    )
    assert [clause.stale for clause in sentence.clauses] == [True, True]


def test_names_the_year_when_the_month_alone_would_mislead() -> None:
    old = State.of("service", [seen("s1", day(11, year=2025), "service", worry=0.6)])
    assert describe({"service": old}, NOW).text == "Reads as worried about the service (as of November 2025)."


def test_a_trend_alone_is_a_sentence() -> None:
    sentence = describe({"service": SERVICE}, NOW)
    assert sentence.text == "Concern rising over the last three service contacts."


def test_evidence_of_a_clause_is_what_speaks_for_it() -> None:
    mixed = State.of(
        "product",
        [seen("p1", day(11), "product", satisfaction=0.9), seen("p2", day(11, 2), "product", neutral=0.9)],
    )
    assert describe({"product": mixed}, NOW).clauses[0].evidence == ("p1",)


def test_says_so_when_nothing_was_read() -> None:
    assert describe({}, NOW).text == describe({"service": State("service")}, NOW).text == NOTHING
    assert describe({}, NOW).clauses == ()
