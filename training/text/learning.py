"""How the network is taught: what each row is to be read as, how far off it is, and how the weights follow."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.text.data import Rows
from training.text.model import HEADS_OF_OURS, Perception

FOLDS, SEED = 5, 7
SHARES = {
    "emotions": 1.0,
    "emobank": 2.0,
    "movies": 0.4,
    "news": 0.3,
    "opinions": 1.0,
    "intensity": 1.0,
    "contrast": 1.0,
    "subtitles": 0.0,
    "service": 2.0,
}  # fmt: skip  (times that a part is seen in an epoch)
SOFT_SHARES = SHARES | {"subtitles": 0.4}
EMOTIONS_ONLY = dict.fromkeys(SHARES, 0.0) | {"emotions": 1.0}
RATE, DECAY_PER_LAYER, HEAD_RATE, WEIGHT_DECAY = 1.4e-4, 0.9, 5.0, 0.01
WARM_UP, FLOOR = 0.06, 0.02
RATING_SPREAD = (0.35, 0.13, 0.11, 0.33)  # standard deviations: the errors weigh alike
RATING_WEIGHT, MEANING_WEIGHT, SERVICE_WEIGHT = 0.8, 1.0, 1.0
POSITIVE_WEIGHT = 2.0  # of a label that is there, for the student: most are rare, and without it few reach one half
SERVICE_LABELS_WEIGHT = 0.5  # the 28 labels of service messages: other readers, other shares than GoEmotions'


@dataclass(frozen=True)
class Targets:
    """What each row is to be read as: values and how much each of them weighs, for labels, ratings and marks."""

    labels: tuple[Tensor, Tensor]
    ratings: tuple[Tensor, Tensor]
    marks: tuple[Tensor, Tensor]
    meaning: Tensor

    def of(self, rows: Tensor, device: str) -> "Targets":
        """Return the targets of `rows`, on the device."""

        def both(pair: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            return pair[0][rows].to(device, non_blocking=True), pair[1][rows].to(device, non_blocking=True)

        return Targets(both(self.labels), both(self.ratings), both(self.marks), self.meaning[rows].to(device))


def targets(
    everything: Rows, meaning: NDArray[np.float32], soft: Path | None, share: float, *, service_rows: int
) -> Targets:
    """Return the targets: what people said, and with `soft` that mixed with what the teachers say, `share` of it.

    The last `service_rows` are our own service messages.
    """
    taught = np.load(soft) if soft else None

    def mixed(name: str, said: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
        known = ~np.isnan(said)
        value = np.where(known, said, 0.0)
        weight = known.astype(np.float32)
        if taught is not None:
            other = taught[name].astype(np.float32)
            told = ~np.isnan(other)
            other = np.where(told, other, value)
            value = np.where(known, (1 - share) * value + share * other, other)
            weight = np.where(known, 1.0, np.where(told, share, 0.0)).astype(np.float32)
        return torch.from_numpy(value.astype(np.float32)), torch.from_numpy(weight)

    labels, weights = mixed("labels", everything.labels)
    weights[len(weights) - service_rows :] *= SERVICE_LABELS_WEIGHT
    return Targets(
        (labels, weights),
        mixed("ratings", everything.ratings),
        mixed("marks", everything.marks),
        torch.from_numpy(meaning),
    )


def prepare_heads(model: Perception, everything: Rows) -> None:
    """Start labels and marks at their log-odds, the ratings at their means, the meaning at the identity."""
    with torch.no_grad():
        for head, known in ((model.labels, everything.labels), (model.service, everything.marks)):
            head.weight.mul_(0.1)
            head.bias.copy_(torch.from_numpy(np.nanmean(known, axis=0)).clamp(1e-4, 1 - 1e-4).logit())
        model.ratings.weight.mul_(0.1)
        model.ratings.bias.copy_(torch.from_numpy(np.nanmean(everything.ratings, axis=0)))
        model.meaning.weight.copy_(torch.eye(model.meaning.in_features))
        model.meaning.bias.zero_()


def optimiser(model: Perception) -> torch.optim.AdamW:
    """Return AdamW with rates that fall from the heads to the embeddings."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    depth = len(model.layers)
    for name, parameter in model.named_parameters():
        part, *rest = name.split(".")
        if part in HEADS_OF_OURS:
            factor = HEAD_RATE if part != "meaning" else 1.0
        else:
            factor = DECAY_PER_LAYER ** (depth - int(rest[0]) - 1 if part == "layers" else depth)
        groups.setdefault((RATE * factor, 0.0 if parameter.ndim < 2 else WEIGHT_DECAY), []).append(parameter)
    return torch.optim.AdamW(
        [{"params": members, "lr": rate, "weight_decay": decay} for (rate, decay), members in groups.items()],
        betas=(0.9, 0.98),
        fused=True,
    )


def schedule(step: int, total: int) -> float:
    """Return the factor of the rate: a short warm-up, then linear to the floor."""
    warm = max(1, math.ceil(WARM_UP * total))
    return (step + 1) / warm if step < warm else max(FLOOR, (total - step) / (total - warm))


def loss_of(
    outputs: tuple[Tensor, ...], wanted: Targets, *, emotions_only: bool = False, positive: float = 1.0
) -> Tensor:
    """Return the mean over rows of: cross-entropy summed over labels and over marks, squared rating errors, distance in
    meaning.

    positive: how much more a label weighs that is there than one that is not.
    """
    logits, rated, embedding, marked = (output.float() for output in outputs)

    def entropy(said: Tensor, target: tuple[Tensor, Tensor], more: float = 1.0) -> Tensor:
        weight = torch.tensor(more, device=said.device)
        return functional.binary_cross_entropy_with_logits(said, *target, reduction="sum", pos_weight=weight)

    labels = entropy(logits, wanted.labels, positive)
    if emotions_only:
        return labels / len(logits)
    emotion = labels + SERVICE_WEIGHT * entropy(marked, wanted.marks)
    spread = torch.tensor(RATING_SPREAD, device=rated.device)
    error = (((rated - wanted.ratings[0]) / spread).square() * wanted.ratings[1]).sum()
    distance = (1 - functional.cosine_similarity(embedding, wanted.meaning, dim=1)).sum()
    return (emotion + RATING_WEIGHT * error + MEANING_WEIGHT * distance) / len(logits)


def epoch_rows(
    everything: dict[str, Rows], shares: dict[str, float], epoch: int, fold: int | None
) -> NDArray[np.int64]:
    """Return the rows of one epoch: each part as often as its share says; without the rows that the fold leaves out."""
    random = np.random.default_rng(SEED + epoch)
    chosen, start = [], 0
    for name, part in everything.items():
        rows = start + np.arange(len(part))
        if fold is not None:
            rows = rows[fold_of(rows) != fold]
        whole = int(shares[name])
        more = random.permutation(rows)[: round((shares[name] - whole) * len(rows))]
        chosen += [*[rows] * whole, more]
        start += len(part)
    return np.concatenate(chosen)


def fold_of(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the fold (0…4) of each row by its place, well mixed."""
    mixed: NDArray[np.int64] = (rows * 2_654_435_761 >> 8) % FOLDS
    return mixed
