"""Our voice sense against eGeMAPS functionals by openSMILE: quality of the same linear heads on both, and speed.

Both see the same recordings of EmoDB, clean and through a noisy telephone, by heads that never heard the speaker.
For development only: openSMILE's licence forbids commercial products, so it is no dependency of the product nor of CI.
It is installed into `build/bench-voice` by whoever runs this; without it, or without the recordings (DATA, or
../shared/data), nothing is measured and the reason printed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspoken.perception.voice.corpora import recordings
from unspoken.perception.voice.mel import RATE, Samples
from unspoken.perception.voice.music import music_in
from unspoken.perception.voice.network import Network
from unspoken.perception.voice.report import through_telephone
from unspoken.perception.voice.windows import windows

from .texts import DATA

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "build" / "bench-voice"
PEER = ROOT / "benchmarks" / "peers" / "egemaps.py"
PACKAGES = ("opensmile==2.6.0", "scikit-learn>=1.7", "numpy")
EMODB = DATA / "voice" / "emodb"


def heard(network: Network, window: Samples) -> NDArray[np.float32]:
    """Return what the network makes of a window that is looked at for music and a second voice, as when it is read."""
    music_in(window)
    pooled = network.hear(window).pooled
    network.overlap.hears_two(pooled)
    return pooled


def ours(clips: Sequence[Samples]) -> tuple[NDArray[np.float32], float]:
    """Return what the network makes of each sound (N, 1536), and the seconds that a second of sound takes."""
    network = Network()
    heard(network, clips[0][: 3 * RATE])
    begun = time.perf_counter()
    rows = [np.mean([heard(network, clip[begin:end]) for begin, end in windows(len(clip))], axis=0) for clip in clips]
    return np.array(rows), (time.perf_counter() - begun) / (sum(map(len, clips)) / RATE)


def peer(mode: str, *paths: Path) -> str:
    """Return what the peer prints, run on one thread in its own environment."""
    command = [ENVIRONMENT / "bin" / "python", "-W", "ignore", PEER, mode, *paths]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **one_thread}
    ).stdout


def make_environment() -> None:
    """Make the peer's environment once; raise CalledProcessError where its packages cannot be had."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)


def measure() -> None:
    """Print the figures of both."""
    known = recordings(EMODB)
    clips = [*known.clips, *through_telephone(known, 1)]
    count = len(known.clips)
    rows = {
        "emotions": np.tile(known.emotions, 2), "speakers": np.tile(known.speakers, 2),
        "far": np.arange(2 * count) >= count,
    }  # fmt: skip
    values, share = ours(clips)
    with tempfile.TemporaryDirectory() as folder:
        sounds_at, features_at, rows_at = (Path(folder) / name for name in ("sounds.npz", "features.npy", "rows.npz"))
        np.savez(sounds_at, samples=np.concatenate(clips), ends=np.cumsum([len(clip) for clip in clips]))
        their_share = float(peer("features", sounds_at, features_at))
        np.savez(rows_at, ours=values, theirs=np.load(features_at), **rows)
        figures = json.loads(peer("heads", rows_at))
    print(f"EmoDB, {count} recordings, heads that never heard the speaker")
    print(f"{'the same linear heads on':36s} {'ours':>8s} {'eGeMAPS':>8s}")
    for name, value in figures["ours"].items():
        print(f"{name:36s} {value:8.3f} {figures['theirs'][name]:8.3f}")
    print(
        f"{'times real time, one thread':36s} {1 / share:8.0f} {1 / their_share:8.0f}   ratio {their_share / share:.1f}"
    )


def main() -> None:
    """Measure, or say why nothing is measured."""
    if not (EMODB / "labels.csv").exists():
        print(f"Not measured: {EMODB} holds no recordings. Set DATA to the folder that holds voice/emodb.")
        return
    try:
        make_environment()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"Not measured: openSMILE could not be installed into {ENVIRONMENT} ({error}).")
        return
    measure()


if __name__ == "__main__":
    main()
