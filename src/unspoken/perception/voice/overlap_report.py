"""How often two voices at once are heard as two, and one as two: speakers of EmoDB who were never heard, and TESS."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from unspoken.perception.figures import Figure, Line, share, with_interval
from unspoken.perception.voice.corpora import Recordings, recordings, two_by_two
from unspoken.perception.voice.listener import IN_WINDOW
from unspoken.perception.voice.mel import Samples
from unspoken.perception.voice.network import Network
from unspoken.perception.voice.noise import with_noise
from unspoken.perception.voice.report import held_out, through_telephone
from unspoken.perception.voice.telephone import carried
from unspoken.perception.voice.windows import windows

WAYS = (
    *((level, 1.0, "all the time") for level in (0, 3, 6, 10)),
    *((level, 0.5, "half of it") for level in (0, 6)),
    (25, 1.0, "as a line lets the other side through"),
)
"""By how many dB a second voice is below the first, in which share (0…1) of a window it sounds, and that in words."""

ONE = "one voice taken for two, share of windows"

Behind = Callable[[Samples, int], Samples]
"""Returns what sounds behind the recording in so-manyth place, as long, of mean square 1."""


def overlap_lines(network: Network, data: Path) -> Iterator[Line]:
    """Yield how often one voice is taken for two, and how often two are heard."""
    known = recordings(data / "emodb")
    yield from _lines("EmoDB, 535 recordings", held_out(network), known, through_telephone(known, 1))
    if (data / "tess").is_dir():
        tess = recordings(data / "tess", every=4)
        heard = dict.fromkeys(tess.speakers.tolist(), network)
        yield from _lines(f"TESS, {len(tess.clips):,} recordings", heard, tess, through_telephone(tess, 2))


def _cut(clips: list[Samples]) -> list[tuple[Samples, int]]:
    """Return the windows of recordings, each with the place of its recording."""
    return [(clip[begin:end], place) for place, clip in enumerate(clips) for begin, end in windows(len(clip))]


def _lines(corpus: str, heard: Mapping[str, Network], known: Recordings, far: list[Samples]) -> Iterator[Line]:
    near = [carried(clip) for clip in known.clips]
    for words, clips in (("clean", known.clips), ("telephone", near), ("telephone and noise of 5–20 dB", far)):
        yield Line(corpus, f"{ONE}, {words}", _figure(heard, known, _cut(clips)))
    cut, behind = _cut(known.clips), second(known)
    for level, part, words in WAYS:
        mixed = [(carried(with_noise(sound, _first(behind(sound, place), part), level)), place) for sound, place in cut]
        what = f"two voices heard as two, share of windows, telephone, the second {level} dB below, {words}"
        yield Line(corpus, what, _figure(heard, known, mixed))


def _figure(heard: Mapping[str, Network], known: Recordings, cut: list[tuple[Samples, int]]) -> Figure:
    """Return in which share of the windows with enough speech two voices are heard."""
    found = []
    for sound, place in cut:
        network = heard[str(known.speakers[place])]
        looked = network.hear(sound)
        if looked.seconds_of_speech >= IN_WINDOW:
            found.append(network.overlap.hears_two(looked.pooled))
    return with_interval(share, np.array(found))


def second(known: Recordings) -> Behind:
    """Return what the other one of a speaker's pair says: nobody is measured by a detector that heard either."""
    other = {name: pair[1 - place] for pair in two_by_two(known.speakers.tolist()) for place, name in enumerate(pair)}
    rows = {name: np.flatnonzero(known.speakers == name) for name in other}

    def behind(clip: Samples, place: int) -> Samples:
        theirs = rows[other[str(known.speakers[place])]]
        return unit(np.resize(known.clips[theirs[place * 7 % len(theirs)]], len(clip)))

    return behind


def unit(sound: Samples) -> Samples:
    """Return a sound of mean square 1."""
    return np.asarray(sound / max(float(sound.std()), 1e-9), np.float32)


def _first(sound: Samples, part: float) -> Samples:
    """Return a sound that falls silent after a part (0…1) of its length."""
    return np.where(np.arange(len(sound)) < part * len(sound), sound, np.float32(0))
