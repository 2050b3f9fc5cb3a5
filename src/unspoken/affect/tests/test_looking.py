"""Whether a call is looked at is told from its newest windows alone, and as the whole tone tells it."""

from hypothesis import given
from hypothesis import strategies as st

from unspoken.affect.tone import STALE, Window, is_tense, tone_of

some_windows = st.lists(
    st.tuples(st.none() | st.floats(0, 1), st.floats(0.5, 8.0)), max_size=30
)  # chance of stress, seconds since the window before


@given(some_windows)
def test_a_voice_is_tense_just_where_its_tone_is_tense_for_some_time(heard: list[tuple[float | None, float]]) -> None:
    windows, ends = [], 3.0
    for stress, later in heard:
        ends += later
        windows.append(Window(ends - 3.0, ends, stress))
    tone = tone_of(windows)
    assert is_tense(windows) == (tone is not None and tone.tense_for > 0)


def test_a_tense_voice_of_long_ago_is_not_tense_now() -> None:
    tense = Window(0.0, 3.0, 0.9)
    assert is_tense([tense, Window(3.0, 3.0 + STALE, None)])
    assert not is_tense([tense, Window(3.1, 3.1 + STALE, None)])
    assert not is_tense([])
