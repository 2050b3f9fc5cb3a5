"""The shipped rules: sound, installed once, and quiet where nothing is wrong."""

from typing import Any

import pytest

from unspoken.affect.reading import Reading
from unspoken.affect.tests.readings import reading
from unspoken.conversations.models import Kind
from unspoken.flags.actions import disable_rule, save_rule
from unspoken.flags.conditions import evaluate, leaves, parse
from unspoken.flags.defaults import DEFAULT_RULES, install_default_rules
from unspoken.flags.models import Flag, Rule
from unspoken.flags.purposes import check_purpose
from unspoken.flags.tests.stage import FRUSTRATED, Stage, minutes
from unspoken.journal.models import Entry
from unspoken.people.models import Channel, Contact
from unspoken.staff.models import Team
from unspoken.staff.tests.cast import MORNING, members

NAMES = [
    "rising-frustration", "frustration-stays", "rising-stress", "voice-and-words-part", "hold-after-complaint",
    "repeated-call", "stress-like-urgency", "disappointed-review", "worry", "risk-of-leaving",
    "delight-worth-thanking", "escalation-words", "third-time-same-thing", "waiting-and-worsening",
    "waiting-and-likely-to-end-badly",
]  # fmt: skip

WORDS = ["kettle", "lamp", "grinder", "pan", "stool", "shade"]


def test_every_shipped_rule_is_sound_and_says_what_it_is_for() -> None:
    assert [rule.name for rule in DEFAULT_RULES] == NAMES
    for rule in DEFAULT_RULES:
        condition = parse(rule.condition)
        check_purpose(rule.purpose, condition)
        assert list(leaves(condition))
        assert rule.description.endswith(".")
        assert len(rule.title) <= 40


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({}, True),
        ({"trajectory.direction": "steady"}, False),
        ({"trajectory.relative": -0.3}, False),  # no lower than is usual here
        ({"reading.displeasure": 0.2}, False),  # a plain line after a bad one
        ({"reading.valence": -0.2}, False),  # a dry line, read as more than it is
        ({"reading.displeasure": None, "reading.valence": None}, None),
        ({"trajectory.ends_badly": 0.3}, False),  # a first sting, and all is under way
        ({"trajectory.ends_badly": 0.3, "trajectory.frustration": 0.6}, True),
        ({"trajectory.ends_badly": 0.3, "reading.valence": -0.5}, True),
        ({"trajectory.frustration": 0.2}, False),
        ({"trajectory.frustration": 0.2, "reading.valence": -0.5}, True),  # disappointed or angry rather
    ],
)
def test_rising_frustration_rests_on_the_newest_message_and_on_what_came_before(
    seen: dict[str, Any], expected: bool | None
) -> None:
    worsening = {
        "trajectory.direction": "worsening", "trajectory.relative": -1.0, "trajectory.frustration": 0.5,
        "trajectory.ends_badly": 0.5, "reading.displeasure": 0.9, "reading.valence": -0.4,
    }  # fmt: skip
    (rule,) = (rule for rule in DEFAULT_RULES if rule.name == "rising-frustration")
    assert evaluate(parse(rule.condition), worsening | seen) is expected


@pytest.mark.django_db
class TestInstalled:
    def test_installing_again_changes_nothing(self) -> None:
        assert [rule.name for rule in install_default_rules(MORNING)] == NAMES
        entries = Entry.objects.count()
        assert install_default_rules(minutes(5)) == []
        assert (Rule.objects.filter(enabled=True, updated_at=MORNING).count(), Entry.objects.count()) == (15, entries)

    def test_what_an_installation_changed_is_kept(self) -> None:
        install_default_rules(MORNING)
        save_rule("worry", title="Ours", purpose="service", condition=FRUSTRATED, now=minutes(1))
        disable_rule(Rule.objects.get(name="rising-frustration"), now=minutes(1))
        install_default_rules(minutes(2))
        assert Rule.objects.get(name="worry").condition == FRUSTRATED
        assert not Rule.objects.get(name="rising-frustration").enabled


@pytest.mark.django_db
class TestInUse:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        install_default_rules(MORNING)

    @pytest.fixture
    def care(self) -> Team:
        return members().care

    def stage(self, care: Team, channel: Channel = Channel.CHAT) -> Stage:
        return Stage(Contact.objects.create(name="Somebody", created_at=MORNING), care, channel)

    def names(self) -> set[str]:
        return set(Flag.objects.values_list("rule__name", flat=True))

    def test_frustration_that_rises_is_flagged_as_it_rises(self, care: Team) -> None:
        chat = self.stage(care)
        moods = [(0.2, 0.0), (0.3, 0.05), (0.0, 0.1), (-0.5, 0.8), (-0.6, 0.9), (-0.6, 0.9)]
        flagged = []
        for number, (valence, amount) in enumerate(moods):
            read = reading(valence, topic=number, frustration=amount)
            raised = chat.says(f"Message {WORDS[number]}", at=minutes(number), read=read)
            flagged += [number for flag in raised if flag.rule.name == "rising-frustration"]
            chat.answers("Unfortunately we cannot do that.", at=minutes(number + 0.5))
        assert flagged == [3]

    def test_an_ordinary_chat_is_left_in_peace(self, care: Team) -> None:
        chat = self.stage(care)
        for number, valence in enumerate((0.1, -0.1, 0.0, -0.15, 0.1, 0.4)):
            read = reading(valence, topic=number, neutral=0.8, frustration=0.1)
            chat.says(f"May I have an invoice for the {WORDS[number]}?", at=minutes(number), read=read)
            chat.answers("Of course, here it is.", at=minutes(number + 0.5))
        assert self.names() == set()

    @pytest.mark.parametrize(
        ("rule", "text", "read", "fields"),
        [
            ("disappointed-review", "Too small", reading(-0.2, disappointment=0.5), {"kind": "review", "stars": 3}),
            ("disappointed-review", "It will do", reading(0.1, disappointment=0.2), {"kind": "review", "stars": 3}),
            ("disappointed-review", "A week late", reading(0.2, disappointment=0.8), {"kind": "review", "stars": 4}),
            ("disappointed-review", "One broke", reading(-0.1, frustration=0.5), {"kind": "survey", "stars": 4}),
            ("worry", "Is it safe?", reading(-0.3, worry=0.8), {}),
            ("risk-of-leaving", "Please close my account", reading(0.0, neutral=0.9), {}),
            ("escalation-words", "I want to speak to your manager", reading(0.0, neutral=0.9), {}),
            ("third-time-same-thing", "I ask for the third time", reading(0.0, neutral=0.9), {}),
            ("delight-worth-thanking", "I love it so much, my mother wants one too", reading(0.8, delight=0.9), {}),
        ],
    )
    def test_each_finds_what_it_is_for(
        self, care: Team, rule: str, text: str, read: Reading, fields: dict[str, Any]
    ) -> None:
        self.stage(care).says(text, at=minutes(0), read=read, **fields)
        assert rule in self.names()

    @pytest.mark.parametrize(
        ("text", "read", "fields"),
        [
            ("Too small", reading(-0.2, disappointment=0.3), {"kind": "review", "stars": 5}),
            ("It will do", reading(0.1, disappointment=0.2), {"kind": "review", "stars": 4}),
            ("Good. The cable is short", reading(0.1, disappointment=0.5), {"kind": "review", "stars": 4}),
            ("Solid, and I withhold nothing", reading(0.1, disappointment=0.6), {"kind": "review", "stars": 5}),
            ("Awful", reading(-0.6, disappointment=0.9), {"kind": "review", "stars": 1}),
            ("I was worried, thank you!", reading(0.2, worry=0.8, gratitude=0.9), {}),
            ("I was afraid you would say no. Nobody did", reading(0.2, worry=0.9), {}),
            ("cheers", reading(0.8, delight=0.9), {}),
            ("Sage green my foot, do please change that picture", reading(0.5, delight=0.7), {}),
            ("I love this lamp but it came broken, twice", reading(0.6, delight=0.9), {"kind": "review", "stars": 2}),
        ],
    )  # fmt: skip
    def test_each_leaves_alone_what_only_looks_like_it(
        self, care: Team, text: str, read: Reading, fields: dict[str, Any]
    ) -> None:
        self.stage(care).says(text, at=minutes(0), read=read, **fields)
        assert self.names() == set()

    def test_waiting_counts_by_the_channel(self, care: Team) -> None:
        for channel, gap, expected in ((Channel.CHAT, 9, 0), (Channel.CHAT, 11, 1), (Channel.EMAIL, 11, 0)):
            Flag.objects.all().delete()
            talk = self.stage(care, channel)
            kind = Kind.EMAIL if channel == Channel.EMAIL else Kind.CHAT
            talk.says(at=minutes(0), read=reading(0.2, satisfaction=0.5), kind=kind)
            talk.says("Hello?", at=minutes(gap), read=reading(-0.5, frustration=0.4), kind=kind)
            assert Flag.objects.filter(rule__name="waiting-and-worsening").count() == expected

    def test_who_answered_a_survey_waits_for_nothing(self, care: Team) -> None:
        for kind, expected in ((Kind.SURVEY, set()), (Kind.EMAIL, {"waiting-and-likely-to-end-badly"})):
            Flag.objects.all().delete()
            talk = self.stage(care, Channel.SURVEY if kind == Kind.SURVEY else Channel.EMAIL)
            talk.says("35 minutes, with coffee", at=minutes(0), read=reading(-0.3, frustration=0.9), kind=kind)
            talk.says("You sell tickets?", at=minutes(3 * 1440), read=reading(-0.3, frustration=0.9), kind=kind)
            assert self.names() - {"rising-frustration", "frustration-stays"} == expected
