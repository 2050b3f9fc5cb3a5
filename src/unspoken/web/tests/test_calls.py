"""What the page says of a voice."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from unspoken.affect.fusion import fused
from unspoken.affect.reading import Producer, Reading
from unspoken.calls.timeline import at
from unspoken.readings.models import ToneReading
from unspoken.web.showing.calls import call_of


def window(end: float, stress: float | None, *changes: str) -> ToneReading:
    scales = {} if stress is None else {"stress": stress}
    return ToneReading(
        begins=end - 3.0, ends=end, scales=scales, changes=list(changes), reason="" if scales else "overlap",
        model="unspoken-voice", model_version="1",
    )  # fmt: skip


def words(displeasure: float) -> Reading:
    return Reading({}, {"frustration": displeasure, "delight": 0.1}, 0.0, 0.5, 0.9, (), Producer("m", "1"))


def test_says_when_the_voice_is_tense_and_what_is_heard() -> None:
    rows = [window(3, 0.1), window(4, 0.2), window(5, 0.7), window(6, 0.9, "louder by 5 dB", "faster", "more pauses"),
            window(7, 0.2), window(8, 0.8), window(9, None), window(10, 0.7), window(11, 0.1)]  # fmt: skip
    voice = call_of(None, rows, {}, {})
    assert voice and voice.voice
    assert voice.sentence == "The voice reads as tense from 0:04 to 0:06 and from 0:07 to 0:10."
    assert [one.heard for one in voice.voice.tense] == ["louder by 5 dB, faster", ""]
    assert (voice.voice.told, voice.length) == (8 / 9, 11)
    assert len(voice.voice.lines) == 2  # broken where nothing is told
    assert all(one.place.x + one.place.width <= voice.width for one in voice.voice.tense)


def test_a_calm_voice_and_one_that_could_not_be_heard() -> None:
    calm, silent = (call_of(None, rows, {}, {}) for rows in ([window(3, 0.1), window(4, 0.3)], [window(3, None)]))
    assert calm and silent
    assert calm.sentence == "The voice reads as calm throughout."
    assert silent.sentence == "Nothing is said of the voice: too little of it could be heard on its own."
    assert silent.voice and silent.voice.lines == ()
    assert call_of(None, [], {}, {}) is None


def test_words_and_voice_that_disagree_are_shown_apart() -> None:
    rows = [window(end, 0.9 if end <= 8 else 0.1) for end in range(3, 20)]
    spoken = {
        "polite": (2.0, 6.0),
        "sharp": (12.0, 15.0),
        "calm": (15.0, 18.0),
        "unread": (2.0, 6.0),
        "late": (40.0, 42.0),
    }
    read = {"polite": words(0.1), "sharp": words(0.8), "calm": words(0.1), "late": words(0.9)}
    shown = call_of(None, rows, spoken, read)
    assert shown
    assert [(one.message_id, one.tense) for one in shown.apart] == [("polite", True), ("sharp", False)]


def test_words_and_voice_that_agree_on_distress_are_told_together_and_where_they_part_they_are_not() -> None:
    rows = [window(end, 0.8 if end <= 12 else 0.1) for end in range(3, 20)]
    spoken = {"late": (8.0, 11.0), "polite": (5.0, 7.0), "early": (2.0, 4.0), "sharp": (14.0, 17.0), "mild": (15.0, 18)}
    read = {"early": words(0.6), "late": words(0.9), "polite": words(0.1), "sharp": words(0.9), "mild": words(0.2)}
    shown = call_of(None, rows, spoken, read)
    assert shown
    assert [(one.message_id, one.at) for one in shown.distress] == [("early", 2.0), ("late", 8.0)]
    assert shown.distress[1].chance == pytest.approx(fused(0.9, 0.8, noise="telephone").chance)
    assert [one.message_id for one in shown.apart] == ["polite", "sharp"]
    html = rendered(shown)
    assert 'Words and voice together express distress: <a href="#early"' in html
    assert '>0:02</a>, <a href="#late"' in html
    assert "The words are calm, the voice is tense: <a" in html


def test_a_voice_that_was_not_read_is_told_together_with_nothing() -> None:
    shown = call_of(None, [window(end, None) for end in range(3, 9)], {"sharp": (2.0, 5.0)}, {"sharp": words(0.9)})
    assert shown and shown.distress == ()
    assert "together" not in rendered(shown)


def rendered(shown: Any) -> str:
    return render_to_string("web/parts/call.html", {"call": shown})


def test_reads_seconds_as_a_clock() -> None:
    assert [at(seconds) for seconds in (0.0, 5.9, 65.0, 3605.0)] == ["0:00", "0:05", "1:05", "60:05"]
