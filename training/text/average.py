"""Average a model trained on public corpora with one that also saw our service messages.

    python -m training.text.average --general DIR/weights.pt --service DIR/weights.pt --out build/text/weights.pt

Both started from the same encoder, so that their weights can be averaged: nearly all of what the second learnt about
service is kept, and nearly nothing of what the first knew is lost (Wortsman et al., "Robust fine-tuning of zero-shot
models", CVPR 2022). The share was chosen on development data.
"""

import argparse
from pathlib import Path

import torch

SHARE = 0.75


def main() -> None:
    """Read two files of weights, write their average; the head that only the second trained is taken from it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--general", type=Path, required=True)
    arguments.add_argument("--service", type=Path, required=True)
    arguments.add_argument("--share", type=float, default=SHARE, help="of the second, 0 to 1")
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    general, service = (torch.load(path, weights_only=True) for path in (given.general, given.service))
    averaged = {
        name: weight if name.startswith("service.") else torch.lerp(general[name], weight, given.share)
        for name, weight in service.items()
    }
    torch.save(averaged, given.out)


if __name__ == "__main__":
    main()
