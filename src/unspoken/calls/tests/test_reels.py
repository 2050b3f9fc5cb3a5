"""Sound put where it belongs: whatever the order in which frames come, each sample is in its place or is silence."""

from collections.abc import Container, Iterable, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from unspoken.calls.happenings import Encoding, Track
from unspoken.calls.reels import GAP, LAG, PATIENCE, ROOM, Reels, Taken

RATE = 100  # samples a second: few, so that many calls can be tried
BOTH = (Track.CUSTOMER, Track.AGENT)
WIDTH = {Encoding.MULAW: 1, Encoding.PCM: 2}
SILENCE = {Encoding.MULAW: b"\xff", Encoding.PCM: b"\x00\x00"}

Frame = tuple[Track, int, int]
"""Whose it is, its first sample and how many."""


def sample(track: Track, place: int, encoding: Encoding = Encoding.MULAW) -> bytes:
    """Return what a track sounds like at a sample: unlike its neighbours, the other track and silence."""
    first = 1 + (place * 7 + 100 * (track == Track.AGENT)) % 200
    return bytes([first]) if encoding == Encoding.MULAW else bytes([first, 1 + place % 50])


def sound(track: Track, begins: int, count: int, encoding: Encoding = Encoding.MULAW) -> bytes:
    return b"".join(sample(track, place, encoding) for place in range(begins, begins + count))


def put(reels: Reels, frame: Frame, encoding: Encoding = Encoding.MULAW) -> bool:
    """Put a frame in; return whether anything of it came in time."""
    late = reels.late
    reels.put(frame[0], frame[1] / RATE, sound(*frame, encoding))
    return reels.late == late


def drained(reels: Reels, *, everything: bool = True) -> list[Taken]:
    taken = []
    while (piece := reels.take(everything=everything)) is not None:
        taken.append(piece)
    return taken


def placed(taken: Iterable[Taken], encoding: Encoding = Encoding.MULAW) -> dict[tuple[Track, int], bytes]:
    """Return every sample that was taken and is no silence, by its place."""
    width, found = WIDTH[encoding], {}
    for piece in taken:
        for track, side in piece.sides.items():
            for number in range(len(side) // width):
                one = side[number * width : (number + 1) * width]
                if one != SILENCE[encoding]:
                    found[track, round(piece.begins * RATE) + number] = one
    return found


def samples(frames: Iterable[Frame]) -> set[tuple[Track, int]]:
    return {(track, place) for track, begins, count in frames for place in range(begins, begins + count)}


def places(most: int) -> st.SearchStrategy[int]:
    """Return samples up to `most`, far enough from each other that none is taken for another told wrongly."""
    return st.integers(0, most // 4).map(lambda one: 4 * one)


frames_within_a_second = st.lists(
    st.tuples(st.sampled_from(BOTH), places(60), places(32).map(lambda one: one + 4)), min_size=1, max_size=25
)  # fmt: skip
frames_anywhere = st.lists(
    st.tuples(st.sampled_from(BOTH), places(1_500), places(56).map(lambda one: one + 4)), min_size=1, max_size=40
)  # fmt: skip


@given(frames=frames_within_a_second, encoding=st.sampled_from(list(Encoding)))
def test_in_any_order_and_however_often_each_sample_lies_in_its_place(frames: list[Frame], encoding: Encoding) -> None:
    reels = Reels(BOTH, encoding=encoding, rate=RATE)
    for frame in frames:
        assert put(reels, frame, encoding)
    found = placed(drained(reels), encoding)
    assert found == {(track, place): sample(track, place, encoding) for track, place in samples(frames)}


@given(frames=frames_within_a_second, data=st.data())
def test_what_comes_twice_or_in_another_order_changes_nothing(frames: list[Frame], data: st.DataObject) -> None:
    told = []
    for order in (frames, data.draw(st.permutations(frames + frames[::2]))):
        reels = Reels(BOTH, encoding=Encoding.MULAW, rate=RATE)
        for frame in order:
            put(reels, frame)
        told.append(drained(reels))
    assert told[0] == told[1]


OVER_A_GAP: list[Frame] = [
    (Track.CUSTOMER, begins, count) for begins, count in ((0, 52), (160, 20), (44, 60), (100, 60), (156, 60))
]  # fmt: skip


@settings(max_examples=300)
@example(frames=OVER_A_GAP, looks=set())
@given(frames=frames_anywhere, looks=st.sets(st.integers(0, 40)))
def test_whatever_comes_nothing_is_made_up_moved_or_taken_twice(frames: list[Frame], looks: set[int]) -> None:
    reels = Reels(BOTH, encoding=Encoding.MULAW, rate=RATE)
    taken: list[Taken] = []
    for number, frame in enumerate(frames):
        put(reels, frame)
        if number in looks:
            taken += drained(reels, everything=False)
            assert reels.waiting <= LAG
    taken += drained(reels)
    assert reels.waiting == 0
    end = 0.0
    for piece in taken:
        assert piece.seconds > 0
        assert {len(side) for side in piece.sides.values()} == {round(piece.seconds * RATE)}
        assert 0 <= piece.missing <= piece.seconds
        assert piece.begins >= end - 1e-9
        end = piece.begins + piece.seconds
    assert end <= max(begins + count for _, begins, count in frames) / RATE + 1e-9  # no longer than what was sent
    found = placed(taken)
    assert found.keys() <= samples(frames)
    assert all(one == sample(*place) for place, one in found.items())


@given(frames=frames_anywhere, looks=st.sets(st.integers(0, 40)))
def test_every_frame_is_taken_or_counted_as_late(frames: list[Frame], looks: set[int]) -> None:
    reels = Reels([Track.CUSTOMER], encoding=Encoding.MULAW, rate=RATE)
    taken, whole = [], []
    for number, (_, begins, count) in enumerate(frames):
        dealt_with = max((round((one.begins + one.seconds) * RATE) for one in taken), default=0)
        if put(reels, (Track.CUSTOMER, begins, count)):
            whole.append((Track.CUSTOMER, max(begins, dealt_with), begins + count - max(begins, dealt_with)))
        if number in looks:
            taken += drained(reels, everything=False)
    taken += drained(reels)
    assert placed(taken).keys() >= samples(whole)


@given(
    gone=st.sets(st.integers(0, 99), max_size=60),
    jitter=st.lists(st.integers(0, 9), min_size=100, max_size=100),
    data=st.data(),
)
def test_frames_that_are_late_by_less_than_the_patience_are_all_heard(
    gone: set[int], jitter: list[int], data: st.DataObject
) -> None:
    """A hundred frames of 20 ms, each late by up to 180 ms; a look after each of some."""
    frames: list[Frame] = [(Track.CUSTOMER, 2 * number, 2) for number in range(100) if number not in gone]
    arriving = sorted(frames, key=lambda frame: frame[1] + 2 * jitter[frame[1] // 2])
    looks = data.draw(st.sets(st.integers(0, 99)))
    reels = Reels([Track.CUSTOMER], encoding=Encoding.MULAW, rate=RATE)
    taken: list[Taken] = []
    for number, frame in enumerate(arriving):
        put(reels, frame)
        if number in looks:
            taken += drained(reels, everything=False)
    taken += drained(reels)
    if not any(all(each in gone for each in range(start, start + 40)) for start in range(60)):
        assert reels.late == 0
        assert placed(taken).keys() == samples(frames)


TWENTY = 160  # samples of 20 ms at 8 kHz


def told_wrongly(off: Sequence[float], *, twice: Container[int] = (), gone: Container[int] = ()) -> Taken:
    """Return what is taken of frames of 20 ms whose places are told wrongly by so many milliseconds each."""
    reels = Reels([Track.CUSTOMER], encoding=Encoding.MULAW, rate=8_000)
    for number, wrong in enumerate(off):
        at = max(0.0, 0.02 * number + wrong / 1000)
        for _ in range(0 if number in gone else 2 if number in twice else 1):
            reels.put(Track.CUSTOMER, at, sound(Track.CUSTOMER, TWENTY * number, TWENTY))
    [taken] = drained(reels)
    return taken


@given(off=st.lists(st.integers(-4, 4), min_size=2, max_size=60), twice=st.sets(st.integers(1, 59)))
def test_a_clock_that_is_read_a_few_milliseconds_wrongly_tears_no_sound_apart(
    off: list[float], twice: set[int]
) -> None:
    taken = told_wrongly([0, *off], twice=twice)
    assert taken.sides[Track.CUSTOMER] == sound(Track.CUSTOMER, 0, TWENTY * (len(off) + 1))


def test_a_frame_that_is_missing_stays_missing_whatever_the_clock_says() -> None:
    heard = told_wrongly([0, 3, -3, 2, -2, 1], gone={3}).sides[Track.CUSTOMER]
    assert heard[: 3 * TWENTY] == sound(Track.CUSTOMER, 0, 3 * TWENTY)
    assert heard[3 * TWENTY : 4 * TWENTY - 16] == b"\xff" * (TWENTY - 16)  # the frame after it is told 2 ms early
    assert heard[4 * TWENTY - 16 :] == sound(Track.CUSTOMER, 4 * TWENTY, 2 * TWENTY)


def test_a_clock_that_runs_away_is_followed_in_steps() -> None:
    """A quarter of a millisecond more for each frame: after ten milliseconds its place counts again."""
    taken = told_wrongly([0.25 * number for number in range(100)])
    assert taken.seconds == pytest.approx(2.0 + 0.0225, abs=0.005)
    heard = taken.sides[Track.CUSTOMER]
    assert heard.count(b"\xff" * 80) == 2


def test_less_than_a_second_that_is_missing_is_silence_and_a_second_is_a_gap() -> None:
    for missing, begins in ((99, [0.0]), (100, [0.0, 2.0])):
        reels = Reels(BOTH, encoding=Encoding.MULAW, rate=RATE)
        for track in BOTH:
            put(reels, (track, 0, 100))
            put(reels, (track, 100 + missing, 50))
        taken = drained(reels)
        assert [piece.begins for piece in taken] == begins
    assert [piece.seconds for piece in taken] == [1.0, 0.5]


def test_a_stream_that_begins_late_begins_with_silence_or_with_a_gap() -> None:
    for first, begins in ((99, 0.0), (100, 1.0)):
        reels = Reels([Track.CUSTOMER], encoding=Encoding.MULAW, rate=RATE)
        put(reels, (Track.CUSTOMER, first, 30))
        assert [piece.begins for piece in drained(reels)] == [begins]


def test_the_side_that_stays_behind_is_waited_for_a_second() -> None:
    reels = Reels(BOTH, encoding=Encoding.MULAW, rate=RATE)
    put(reels, (Track.AGENT, 0, 100))
    assert drained(reels, everything=False) == []
    put(reels, (Track.AGENT, 100, 50))
    [taken] = drained(reels, everything=False)
    assert (taken.seconds, taken.missing) == (0.5, 0.5)
    assert taken.sides == {Track.CUSTOMER: b"\xff" * 50, Track.AGENT: sound(Track.AGENT, 0, 50)}
    put(reels, (Track.CUSTOMER, 40, 110))  # its first tenth of a second comes too late
    [taken] = drained(reels, everything=False)
    assert (taken.begins, taken.seconds) == (0.5, 1.5 - 0.5 - PATIENCE)
    assert taken.sides[Track.CUSTOMER] == sound(Track.CUSTOMER, 50, 80)


def test_it_is_full_after_twenty_seconds_and_has_room_again_once_they_are_taken() -> None:
    reels = Reels([Track.CUSTOMER], encoding=Encoding.MULAW, rate=RATE)
    put(reels, (Track.CUSTOMER, 0, round(ROOM * RATE) - 1))
    assert not reels.is_full
    put(reels, (Track.CUSTOMER, round(ROOM * RATE) - 1, 1))
    assert reels.is_full
    drained(reels, everything=False)
    assert reels.waiting == pytest.approx(PATIENCE)


def test_half_a_sample_is_left_away() -> None:
    reels = Reels([Track.CUSTOMER], encoding=Encoding.PCM, rate=RATE)
    reels.put(Track.CUSTOMER, 0.0, b"\x01\x02\x03")
    reels.put(Track.CUSTOMER, 0.01, b"\x04")
    assert [piece.sides for piece in drained(reels)] == [{Track.CUSTOMER: b"\x01\x02"}]
    assert GAP == 1.0
