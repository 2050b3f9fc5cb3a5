"""How often nothing is told where nothing can be: of sounds in which nobody speaks, and of music or a second voice
behind a voice; and how often speech is taken for music."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.figures import Line, share, with_interval
from unspoken.perception.voice.corpora import Recordings, recordings
from unspoken.perception.voice.heads import EMOTIONS
from unspoken.perception.voice.listener import Listener
from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.music import music_in
from unspoken.perception.voice.network import Network
from unspoken.perception.voice.nobody import KINDS, MUSIC, SIGNALS, nobody
from unspoken.perception.voice.noise import with_noise
from unspoken.perception.voice.overlap_report import Behind, second, unit
from unspoken.perception.voice.report import held_out, logits_of, recall, through_telephone
from unspoken.perception.voice.telephone import carried
from unspoken.perception.voice.windows import windows

SECONDS, TIMES = 12.0, 3  # of each kind of sound, clean and by telephone
LEVELS = (0, 5, 10)  # dB by which a voice is louder than what sounds behind it
SPOKEN = 40 * RATE  # samples of each speaker
_SPEECH = "speech taken for music, share of windows"


def abstention_lines(network: Network, data: Path) -> Iterator[Line]:
    """Yield what is told of sounds without speech, of speech alone and of speech with something behind it."""
    yield from _nobody(network)
    known = recordings(data / "emodb")
    yield from _taken("EmoDB, 535 recordings", known, through_telephone(known, 1))
    if (data / "tess").is_dir():
        tess = recordings(data / "tess", every=2)
        yield from _taken(f"TESS, {len(tess.clips):,} recordings", tess, through_telephone(tess, 2))
    yield from _accompanied(network, known)


def _told(network: Network, sound: Samples) -> list[bool]:
    """Return of each window of a call whether something is told of it."""
    listener = Listener(network)
    return [one.reason is None for one in [*listener.feed(sound), *listener.finish()]]


def _nobody(network: Network) -> Iterator[Line]:
    random = np.random.default_rng(5)
    for words, kinds in _groups().items():
        told: list[bool] = []
        for kind in sorted(kinds) * TIMES:
            sound = nobody(kind, SECONDS, random, loudness=float(10 ** random.uniform(-1.3, -0.1)))
            told += [*_told(network, sound), *_told(network, carried(sound))]
        corpus = f"Sounds in which nobody speaks, {len(told):,} windows of {words}, clean and by telephone"
        yield Line(corpus, "share of windows that are told", with_interval(share, np.array(told)))


def _groups() -> Mapping[str, set[str]]:
    rest = set(KINDS) - set(MUSIC) - set(SIGNALS)
    return {"music": set(MUSIC), "dialling, signals and fax": set(SIGNALS), "noise and silence": rest}


def _taken(corpus: str, known: Recordings, far: list[Samples]) -> Iterator[Line]:
    near = [carried(clip) for clip in known.clips]
    for words, clips in (("clean", known.clips), ("telephone", near), ("telephone and noise of 5–20 dB", far)):
        found = np.array([music_in(clip[begin:end]) for clip in clips for begin, end in windows(len(clip))])
        yield Line(corpus, f"{_SPEECH}, {words}", with_interval(share, found))


def _accompanied(network: Network, known: Recordings) -> Iterator[Line]:
    """Measure ten voices by telephone: alone, with music behind them, and with another's voice."""
    yield from _behind(network, known, "nothing", None, LEVELS[:1])
    yield from _behind(network, known, "music", _music(), LEVELS)
    yield from _behind(network, known, "a second voice", second(known), (0, 3, 6, 10))


def _behind(
    network: Network, known: Recordings, what: str, behind: Behind | None, levels: tuple[int, ...]
) -> Iterator[Line]:
    """Yield how much is told of speech, and how well its emotions would be told were all of it read."""
    held, (order, clips) = held_out(network), _by_speaker(known)
    speakers = known.speakers[order]
    for level in levels:
        heard = [
            carried(with_noise(clip, behind(clip, place), level) if behind else clip)
            for place, clip in zip(order.tolist(), clips, strict=True)
        ]  # fmt: skip
        told = np.concatenate([_told(held[name], _joined(heard, speakers == name)) for name in held])
        corpus = f"EmoDB by telephone, {what} behind each voice" + (f", {level} dB below it" if behind else "")
        yield Line(corpus, "share of windows that are told", with_interval(share, told))
        logits = np.array([logits_of(held[name], clip) for name, clip in zip(speakers.tolist(), heard, strict=True)])
        said = np.array(EMOTIONS)[logits[:, : len(EMOTIONS)].argmax(axis=1)]
        figure = with_interval(recall, said, known.emotions[order])
        yield Line(corpus, "… seven emotions, UAR, were all of it read", figure)


def _by_speaker(known: Recordings) -> tuple[NDArray[np.intp], list[Samples]]:
    """Return the places of the recordings in the order of who speaks, and their sounds."""
    order = np.argsort(known.speakers, kind="stable")
    return order, [known.clips[place] for place in order]


def _joined(clips: list[Samples], chosen: NDArray[np.bool_]) -> Samples:
    return np.concatenate([clips[place] for place in np.flatnonzero(chosen)])[:SPOKEN]


def _music() -> Behind:
    random = np.random.default_rng(6)
    songs = [nobody(kind, SECONDS, random) for kind in sorted(MUSIC) if kind != "drums"]

    def behind(clip: Samples, number: int) -> Samples:
        song = np.roll(songs[number % len(songs)], -number * 997)
        return unit(np.resize(song, len(clip)))

    return behind
