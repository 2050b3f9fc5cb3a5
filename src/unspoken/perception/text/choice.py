"""Which text model reads: `standard` (the encoder), `light` (numpy, half of the time), or a folder of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from unspoken.affect.reading import Producer
from unspoken.perception.artifacts import unavailable, verified
from unspoken.perception.text import spelling
from unspoken.perception.text.calibration import Calibration, load
from unspoken.perception.text.context import Context
from unspoken.perception.text.pieces import Window
from unspoken.perception.text.scores import Scores
from unspoken.perception.text.spelling import Spelling

HERE = Path(__file__).parent
STANDARD, LIGHT = HERE / "model", HERE / "light"


class TextNetwork(Protocol):
    """What the perceiver asks of a model: word pieces in, scores out."""

    producer: Producer

    def encode(self, texts: Sequence[str]) -> Sequence[Window]:
        """Return the word pieces of each text; what exceeds a window is in `.overflowing`."""

    def knows(self, window: Window) -> bool:
        """Return whether any word piece of the text is in the vocabulary."""

    def behind(self, contexts: Sequence[Context]) -> list[list[int]]:
        """Return the ids that stand behind a message with each context; none without one."""

    def score(self, windows: Sequence[Window], contexts: Sequence[Sequence[int]] = ()) -> Scores:
        """Return the scores of the windows, in their order."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A loaded model, how its scores are to be understood, the languages that it reads (ISO 639-1), and what mends
    slips of the keyboard before it reads, if anything does."""

    network: TextNetwork
    calibration: Calibration
    languages: frozenset[str] = frozenset({"en"})
    spelling: Spelling | None = None


def folder_of(model: str | Path) -> Path:
    """Return the folder of a model named `standard`, `light`, or by its path."""
    return {"standard": STANDARD, "light": LIGHT}.get(str(model), Path(model))


def is_light(folder: Path) -> bool:
    """Tell whether a folder holds a light model."""
    return (folder / "model.npz").exists()


def opened(model: str | Path, *, threads: int = 1) -> Opened:
    """Load a model; raise ModelUnavailable, with the mend, when there is none or it is damaged."""
    folder = folder_of(model)
    if is_light(folder):
        from unspoken.perception.text.light import LightNetwork

        return Opened(LightNetwork(folder), load(folder / "calibration.json"), spelling=mending(folder))
    if (folder / "config.json").exists():
        from unspoken.perception.text.exported import ExportedNetwork

        exported = ExportedNetwork(folder, threads=threads)
        return Opened(exported, exported.calibration, exported.languages)
    if not folder.is_dir():
        raise unavailable(f"There is no text model in {folder}")
    from unspoken.perception.text.network import Network

    return Opened(Network(folder, threads=threads), load(folder / "calibration.json"), spelling=mending(folder))


def mending(folder: Path) -> Spelling:
    """Load the words that slips are mended to; raise ModelUnavailable when their file is missing or damaged."""
    verified(folder, spelling.FILE)
    return spelling.load(folder / spelling.FILE)
