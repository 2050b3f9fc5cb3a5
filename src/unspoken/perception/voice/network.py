"""The shipped model: a window of sound in; where speech is, and the logits of what its tone expresses, out."""

import json
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from unspoken.affect.reading import Producer
from unspoken.perception.artifacts import unavailable, verified
from unspoken.perception.voice.heads import EMOTIONS, SCALES
from unspoken.perception.voice.mel import Samples, log_mel
from unspoken.perception.voice.overlap import OverlapDetector

FOLDER = Path(__file__).parent / "model"
FRAME = 0.02  # seconds of a frame
_FRAME = 320  # samples of it
_SILENCE = 1e-6  # mean square of the loudest frame, −60 dB of full scale, below which nobody speaks
_FILES = ("encoder.onnx", "heads.npz", "overlap.npz", "labels.json")


@dataclass(frozen=True, slots=True)
class Sound:
    """What the network makes of a window: pooled (1536,), and the chance 0…1 of speech in each frame of 20 ms."""

    pooled: NDArray[np.float32]
    speech: NDArray[np.float32]

    @property
    def seconds_of_speech(self) -> float:
        """Seconds in which somebody speaks, as likely as not."""
        return float((self.speech > 0.5).sum()) * FRAME


class Network:
    """The loaded model. Safe to use from several threads."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load the model in `folder`; raise ModelUnavailable when a file is missing or damaged."""
        digests = verified(folder, *_FILES)
        described = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        if (tuple(described["emotions"]), tuple(described["scales"])) != (EMOTIONS, SCALES):
            raise unavailable(f"{folder / 'labels.json'} does not name the emotions and scales of this version")
        self.producer = Producer(described["name"], described["version"], digests["encoder.onnx"])
        with np.load(folder / "heads.npz") as kept:
            self.weights, self.biases, self.platt = kept["weights"], kept["biases"], kept["platt"].astype(np.float64)
            self.calm = kept["calm"].astype(np.float64)  # calibrated logits (2,) of arousal and stress in calm speech
        with np.load(folder / "overlap.npz") as kept:
            self.overlap = OverlapDetector.of(kept)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        path = folder / "encoder.onnx"
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def with_heads(
        self, weights: NDArray[np.float32], biases: NDArray[np.float32], overlap: OverlapDetector
    ) -> "Network":
        """Return the same network with other heads: those that did not hear a speaker, to be measured on theirs."""
        other = copy(self)
        other.weights, other.biases, other.overlap = weights, biases, overlap
        return other

    def hear(self, samples: Samples) -> Sound:
        """Return what is heard in a window (n,) of at most three seconds at 16 kHz."""
        if _is_silent(samples):
            return Sound(np.zeros(self.weights.shape[0], np.float32), np.zeros(len(samples) // _FRAME, np.float32))
        pooled, speech = self._session.run(None, {"mel": log_mel(samples)[None]})
        return Sound(pooled[0], speech[0])

    def activity(self, samples: Samples) -> NDArray[np.float32]:
        """Return the chance 0…1 of speech in each frame of 20 ms of sound (n,) at 16 kHz, and nothing else of it."""
        if _is_silent(samples):
            return np.zeros(len(samples) // _FRAME, np.float32)
        [speech] = self._session.run(["speech"], {"mel": log_mel(samples)[None]})
        return np.asarray(speech[0])

    def logits(self, pooled: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the logits (…, 12) of the seven emotions and the five scales, before calibration."""
        return np.asarray(pooled @ self.weights + self.biases, np.float64)

    def calibrated(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the calibrated logits (…, 5) of the scales."""
        return np.asarray(logits[..., len(EMOTIONS) :] * self.platt[:, 0] + self.platt[:, 1])


def _is_silent(samples: Samples) -> bool:
    """Tell whether a line is so quiet that nobody speaks on it: half of every call, and nothing need be computed."""
    whole = samples[: len(samples) - len(samples) % _FRAME].reshape(-1, _FRAME)
    return bool(len(whole)) and float(np.einsum("ij,ij->i", whole, whole).max()) / _FRAME < _SILENCE
