"""Teach the light model what the teachers say: python -m training.text.light --data DIR --soft FILE --work DIR.

Word pieces and hashed pairs of neighbours in an embedding bag, a linear path beside one hidden layer (fastText-like:
Joulin et al., EACL 2017; distilled as Tang et al., 2019). It runs in numpy (`unspoken.perception.text.light`), for bulk
work and tiny machines.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from training.text.data import Rows, batches, development, encode, parts, together
from training.text.learning import SEED, SOFT_SHARES, Targets, epoch_rows, loss_of, targets
from training.text.measuring import best_macro_f1
from training.text.model import load_encoder, load_tokenizer
from training.text.train import minilm_folder
from unspoken.perception.text.choice import LIGHT
from unspoken.perception.text.context import Context
from unspoken.perception.text.corpora import HELD
from unspoken.perception.text.light import BUCKETS, features

WIDTH, HIDDEN = 128, 192
EPOCHS, BATCH, RATE = 24, 256, 3e-3
DROPOUT, WORD_DROPOUT = 0.3, 0.1
MEANING = 384


class Light(nn.Module):
    """An embedding bag (sum over the root of the length), LayerNorm, linear heads beside one hidden layer."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.table = nn.Embedding(vocabulary + BUCKETS, WIDTH, padding_idx=0)
        self.norm = nn.LayerNorm(WIDTH)
        self.hidden = nn.Linear(WIDTH, HIDDEN)
        self.direct = nn.Linear(WIDTH, 28 + 4 + 13)
        self.deep = nn.Linear(HIDDEN, 28 + 4 + 13)
        self.meaning = nn.Linear(WIDTH + HIDDEN, MEANING)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        present = ids != 0
        if self.training:
            present = present & (torch.rand(ids.shape) >= WORD_DROPOUT)
        summed = (self.table(ids) * present[..., None]).sum(1) / present.sum(1, keepdim=True).clamp(min=1).sqrt()
        bag = functional.dropout(self.norm(summed), DROPOUT, self.training)
        hidden = functional.dropout(functional.relu(self.hidden(bag)), DROPOUT, self.training)
        heads = self.direct(bag) + self.deep(hidden)
        meaning = self.meaning(torch.cat([bag, hidden], dim=1))
        return heads[:, :28], heads[:, 28:32], meaning, heads[:, 32:]


def start(model: Light, words: NDArray[np.float32], ids: list[list[int]], vocabulary: int) -> None:
    """Start the word pieces at MiniLM's own embeddings, reduced to 128 and weighed down where frequent (SIF)."""
    counts = np.bincount(np.concatenate([np.array(row) for row in ids]), minlength=vocabulary)[:vocabulary]
    weight = 1e-3 / (1e-3 + counts / counts.sum())
    centred = words - words.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    reduced = centred @ axes[:, ::-1][:, :WIDTH]
    with torch.no_grad():
        model.table.weight.mul_(0.02)
        model.table.weight[:vocabulary] = torch.from_numpy(
            (reduced / reduced.std() * weight[:, None] * 0.3).astype("f4")
        )
        model.table.weight[0] = 0.0


def padded(ids: list[NDArray[np.int64]], rows: NDArray[np.int64]) -> Tensor:
    """Return features (B, longest), padded with 0."""
    return nn.utils.rnn.pad_sequence([torch.from_numpy(ids[row]) for row in rows], batch_first=True)


@torch.no_grad()
def figures(
    model: Light, ids: list[NDArray[np.int64]], dev: Rows, care_ids: list[NDArray[np.int64]], care: Rows
) -> str:
    """Return the figures of the development splits, in words."""
    model.eval()
    logits = model(padded(ids, np.arange(len(ids))))[0].numpy()
    said = model(padded(care_ids, np.arange(len(care_ids))))
    marks = best_macro_f1(said[3].numpy()[:, :8], care.marks[:, :8] >= HELD)
    return f"dev macro-F1 {best_macro_f1(logits, dev.labels > 0):.4f} tuned; service marks {marks:.4f}"


def bags(tokenizer: Tokenizer, rows: Rows, *, noise: np.random.Generator | None = None) -> list[NDArray[np.int64]]:
    """Return the features of each row's message; the light model reads without context."""
    found = encode(tokenizer, replace(rows, contexts=[Context()] * len(rows)), noise=noise)
    return [features(np.array(row[1:-1] or [100], np.int64)) for row in found]


def train(
    model: Light, everything: dict[str, Rows], wanted: Targets, tokenizer: Tokenizer, dev: Rows, care: Rows
) -> None:
    """Train; print the development figures of each epoch."""
    rows = together(everything)
    dev_ids, care_ids = bags(tokenizer, dev), bags(tokenizer, care)
    table = [model.table.weight]
    rest = [weight for name, weight in model.named_parameters() if not name.startswith("table")]
    steps = torch.optim.AdamW(
        [{"params": table, "weight_decay": 0.0}, {"params": rest, "weight_decay": 0.01}], lr=RATE, betas=(0.9, 0.98)
    )
    ids = bags(tokenizer, rows)
    lengths = np.array([len(row) for row in ids])
    chosen = [epoch_rows(everything, SOFT_SHARES, epoch, None) for epoch in range(EPOCHS)]
    total = sum(-(-len(rows) // BATCH) for rows in chosen)
    done = 0
    for epoch, drawn in enumerate(chosen):
        began, losses = time.monotonic(), []
        for batch in batches(lengths, drawn, size=BATCH, seed=SEED + epoch):
            for group in steps.param_groups:
                group["lr"] = RATE * min(1.0, 20 * (done + 1) / total, max(0.01, (total - done) / (0.95 * total)))
            model.train()
            loss = loss_of(model(padded(ids, batch)), wanted.of(torch.from_numpy(batch), "cpu"))
            loss.backward()
            steps.step()
            steps.zero_grad()
            done += 1
            losses.append(loss.item())
        words = figures(model, dev_ids, dev, care_ids, care)
        print(f"epoch {epoch} loss {np.mean(losses):.4f} {words} {time.monotonic() - began:.0f} s", flush=True)


def write(model: Light, folder: Path) -> None:
    """Write `model.npz`: the table as int8 with a scale per row, the rest in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.detach().numpy() for name, weight in model.state_dict().items()}
    table = weights.pop("table.weight")
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-9) / 127
    rest = {name: weight.astype(np.float16) for name, weight in weights.items()}
    whole = np.rint(table / scale).astype(np.int8)
    np.savez_compressed(folder / "model.npz", table=whole, **{"table.scale": scale.astype(np.float16)}, **rest)


def main() -> None:
    """Read the arguments, train, and write the model into the package."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"))
    arguments.add_argument("--soft", type=Path, required=True, help="soft targets: the mean of all teachers")
    arguments.add_argument("--share", type=float, default=0.7)
    arguments.add_argument(
        "--work", type=Path, required=True, help="beside it lies the file of meanings that `train` made"
    )
    arguments.add_argument("--out", type=Path, default=LIGHT)
    given = arguments.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    tokenizer = load_tokenizer(minilm_folder())
    everything = parts(given.data, given.service)
    rows = together(everything)
    words = load_encoder(minilm_folder(), tokenizer).words.weight.detach().numpy()
    model = Light(len(words))
    start(model, words, encode(tokenizer, rows), len(words))
    meaning = np.load(given.work.parent / f"meaning-{len(rows)}.npy").astype(np.float32)  # made by `train`
    wanted = targets(rows, meaning, given.soft, given.share, service_rows=len(everything["service"]))
    dev = development(given.data, given.service)
    train(model, everything, wanted, tokenizer, dev["emotions"], dev["service"])
    write(model, given.out)
    tokenizer.save(str(given.out / "tokenizer.json"))


if __name__ == "__main__":
    main()
