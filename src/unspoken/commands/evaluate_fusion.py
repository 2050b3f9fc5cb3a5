"""Measure words and tone of voice together: a part of `unspoken evaluate voice`."""

from pathlib import Path

from unspoken.perception.figures import Line
from unspoken.perception.text import shipped
from unspoken.perception.text.report_distress import FITTED, MEASURED, words_of
from unspoken.perception.voice.fusion_report import fusion_lines, voices_of
from unspoken.perception.voice.network import Network

OWN = Path("training/text/service")


def fusion_figures(network: Network, emodb: Path, *, own: Path = OWN) -> list[Line]:
    """Return the figures; none where our own service messages, which come with the sources, are not in `own`.

    Raises ModelUnavailable when the text model is missing or damaged.
    """
    if not own.is_dir():
        return []
    fitted, measured = (words_of(shipped(), own, *names) for names in (FITTED, MEASURED))
    return list(fusion_lines(fitted, measured, voices_of(network, emodb)))
