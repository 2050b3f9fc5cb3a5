"""Learn what words and tone of voice count for together: python -m training.voice.fuse --data DIR. Some minutes.

Runs in the product's environment (no PyTorch). Prints the lines of RELIABILITY in `affect/fusion.py`, which says what
is assumed; `unspoken evaluate voice` measures it. Anew after either model was made anew.
"""

import argparse
from pathlib import Path

from unspoken.affect.fusion import Reliability
from unspoken.perception.pairs import drawn, reliability
from unspoken.perception.text import shipped
from unspoken.perception.text.report_distress import FITTED, words_of
from unspoken.perception.voice.fusion_report import voices_of
from unspoken.perception.voice.network import Network

OWN = Path("training/text/service")
MANY = 40_000  # pairs: so many that their drawing no longer moves the second digit


def main() -> None:
    """Print the reliabilities, in the order of their fields."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with voice/emodb/")
    arguments.add_argument("--own", type=Path, default=OWN, help="folder of our own service messages")
    given = arguments.parse_args()
    words = words_of(shipped(), given.own, *FITTED)
    for noise, voices in voices_of(Network(), given.data / "voice" / "emodb").items():
        print(f'"{noise}": {_rounded(reliability(drawn(words, voices, seed=0, count=MANY)))},')


def _rounded(found: Reliability) -> str:
    words, tone, added = (round(one, 2) for one in found[:3])
    alone = [tuple(round(one, 2) for one in pair) for pair in (found.words_alone, found.tone_alone)]
    return f"Reliability({words}, {tone}, {added}, {alone[0]}, {alone[1]})"


if __name__ == "__main__":
    main()
