"""What is said in the two calls, by whom and in which manner."""

from dataclasses import dataclass

from training.demo_calls.speaking import Manner

_PLAIN = Manner(speed=162)


@dataclass(frozen=True, slots=True)
class Turn:
    """Who speaks (customer, agent), what, how, and after how many seconds; less than 0: into the other's words."""

    who: str
    text: str
    manner: Manner = _PLAIN
    after: float = 0.6


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its customer and agent in the shop's world, their voices, what is said, and its place in the demo."""

    key: str
    contact: str
    by: str
    voices: dict[str, str]
    days_ago: float
    status: str
    labels: tuple[str, ...]
    turns: tuple[Turn, ...]


_CALM = Manner(pitch=48, range=45, speed=158, press=-3.5)
_STRAINED = Manner(pitch=66, range=68, speed=186, press=2.0, level=-24.0)
_TENSE = Manner(pitch=71, range=72, speed=192, press=3.0, level=-23.0)
_UPSET = Manner(pitch=75, range=80, speed=196, press=3.0, level=-21.0)

LIVE = Call(
    key="call-live", contact="c004", by="ben", voices={"customer": "en+f2", "agent": "en+m1"},
    days_ago=0, status="open", labels=("wren-2", "repair"),
    turns=(
        Turn("agent", "Hazel and Rook, Ben speaking.", after=0.8),
        Turn("customer", "Hello Ben, it's Eleanor Whitcombe. I'm ringing about my Wren, the coffee machine that Henry"
             " has repaired. Dara wrote that it would come home today, and I wondered at what time.", _CALM),
        Turn("agent", "Hello Eleanor. Let me have a look. Please wait a moment."),
        Turn("customer", "Of course, thank you, Ben. I'm at home until three, so there's plenty of time.", _CALM),
        Turn("agent", "Thank you for holding. I can't find it yet. Please wait, I'll ask the workshop.", after=9.0),
        Turn("customer", "Yes. Yes, thank you, I can wait. Could you ask them what time it will be here, please?"
             " I would like to know that before I move my afternoon.", _STRAINED),
        Turn("agent", "One moment, please.", after=-1.2),
        Turn("customer", "Thank you, that's kind. Before three would be best, if that is possible for the driver.",
             _TENSE, 1.0),
        Turn("agent", "I'm afraid it isn't on the van today."),
        Turn("customer", "But Ben, you've promised me this twice now. I stayed at home on Tuesday, and nobody came and"
             " nobody rang. Now it's the same again. I'm really disappointed, and I'm tired of asking.", _UPSET),
        Turn("agent", "You're right, Eleanor, and I'm sorry. I'll ring you at four with an answer."),
        Turn("customer", "You said that on Tuesday as well, and then nobody rang. It's just not good enough.", _UPSET),
    ),
)  # fmt: skip

_EASY = Manner(pitch=45, range=45, speed=158, press=-4.0)
_SHARP = Manner(pitch=74, range=75, speed=195, press=3.0, level=-21.5)
_RELIEVED = Manner(pitch=44, range=50, speed=156, press=-4.0)

RECORDED = Call(
    key="call-recorded", contact="c005", by="dara", voices={"customer": "en+m2", "agent": "en+f3"},
    days_ago=5.1, status="resolved", labels=("wren-2", "leak"),
    turns=(
        Turn("agent", "Hazel and Rook, Dara speaking.", after=0.8),
        Turn("customer", "Good morning Dara, it's Jakub, from Nowak Coworking. It's about the loan machine tomorrow."
             " I just want to ask at what time it comes, so that somebody is at the desk.", _EASY),
        Turn("agent", "Good morning, Jakub. How are you all doing without it?"),
        Turn("customer", "Oh, we make filter coffee for now, it's fine. People quite like it. They sit down for it.",
             _EASY),
        Turn("agent", "Good. So, I have it down for next Wednesday."),
        Turn("customer", "No, Dara. You said tomorrow. I've told sixty-four people that it's tomorrow, it's written on"
             " the door. This is very annoying.", _SHARP),
        Turn("agent", "I see. It was moved, and nobody told you."),
        Turn("customer", "Nobody told me, again. First nobody rang, and now this. I sit here and wait for a call, and"
             " in front of everybody I look like a fool.", _SHARP),
        Turn("agent", "You don't have to wait any longer. I'll put it into my own car and be with you at two today."),
        Turn("customer", "Today? You would do that? Oh, thank you. That's a great relief. I'll take the note off"
             " the door.", _RELIEVED),
        Turn("agent", "See you at two."),
    ),
)  # fmt: skip

CALLS = {"live": LIVE, "recorded": RECORDED}
