"""Teach the light model what the teachers say: python -m training.text.light --data DIR --soft FILE --mixed FILE …

Word pieces in an embedding bag beside a convolution with max-pooling, a linear path beside one hidden layer (Joulin et
al., EACL 2017; Kim, EMNLP 2014; distilled as Tang et al., 2019). It runs in numpy (`unspoken.perception.text.light`),
for bulk work and tiny machines.
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

from training.text import mixed
from training.text.data import Rows, batches, development, encode, parts, together
from training.text.learning import SEED, SOFT_SHARES, Targets, epoch_rows, loss_of, targets
from training.text.measuring import best_macro_f1, padded
from training.text.model import load_encoder, load_tokenizer
from training.text.train import minilm_folder
from unspoken.perception.text.choice import LIGHT
from unspoken.perception.text.context import Context
from unspoken.perception.text.corpora import HELD
from unspoken.perception.text.light import PATTERN, UNKNOWN, VOCABULARY

WIDTH, PATTERNS, HIDDEN, MEANING = 192, 384, 192, 384
HEADS = 28 + 4 + 13
EPOCHS, BATCH, RATE = 14, 256, 3e-3
DROPOUT, PIECE_DROPOUT = 0.3, 0.1
AVERAGED_EVERY, AVERAGED_OVER = 10, 0.97  # an exponential mean of the weights over the second half
MISSPELT_EPOCHS = 2  # every second epoch has slips of the keyboard


class Light(nn.Module):
    """An embedding bag (sum over the root of the length) and the strongest answers of patterns, each normed, then
    linear heads beside one hidden layer. Pieces are given as (B, longest), padded with 0."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, WIDTH, sparse=True)
        self.norm = nn.LayerNorm(WIDTH)
        self.pieces = nn.LayerNorm(WIDTH)
        self.patterns = nn.Linear(len(PATTERN) * WIDTH, PATTERNS)
        self.peaks = nn.LayerNorm(PATTERNS)
        self.hidden = nn.Linear(WIDTH + PATTERNS, HIDDEN)
        self.direct = nn.Linear(WIDTH + PATTERNS, HEADS)
        self.deep = nn.Linear(HIDDEN, HEADS)
        self.meaning = nn.Linear(WIDTH + PATTERNS + HIDDEN, MEANING)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        present = ids != 0
        seen = present & (torch.rand(ids.shape) >= PIECE_DROPOUT) if self.training else present
        vectors = self.table(ids) * seen[..., None]
        bag = self.norm(vectors.sum(1) / seen.sum(1, keepdim=True).clamp(min=1).sqrt())
        around = functional.pad(self.pieces(vectors) * seen[..., None], (0, 0, 1, 1))
        answers = self.patterns(torch.cat([around[:, step : step + ids.shape[1]] for step in range(len(PATTERN))], 2))
        peaks = self.peaks((functional.relu(answers) * present[..., None]).max(1).values)
        state = functional.dropout(torch.cat([bag, peaks], 1), DROPOUT, self.training)
        hidden = functional.dropout(functional.relu(self.hidden(state)), DROPOUT, self.training)
        heads = self.direct(state) + self.deep(hidden)
        return heads[:, :28], heads[:, 28:32], self.meaning(torch.cat([state, hidden], 1)), heads[:, 32:]


def start(model: Light, words: NDArray[np.float32], ids: list[NDArray[np.int64]], wanted: Targets) -> None:
    """Start the pieces at MiniLM's own embeddings, reduced and weighed down where frequent (SIF), and the heads at what
    is usual."""
    counts = np.bincount(np.concatenate(ids), minlength=VOCABULARY)[:VOCABULARY]
    weight = 1e-3 / (1e-3 + counts / counts.sum())
    centred = words - words.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    reduced = centred @ axes[:, ::-1][:, :WIDTH]
    usual = [(values * weights).sum(0) / weights.sum(0) for values, weights in (wanted.labels, wanted.marks)]
    ratings = (wanted.ratings[0] * wanted.ratings[1]).sum(0) / wanted.ratings[1].sum(0)
    with torch.no_grad():
        model.table.weight.copy_(torch.from_numpy((reduced / reduced.std() * weight[:, None] * 0.3).astype("f4")))
        labels, marks = (chance.clamp(1e-4, 1 - 1e-4).logit() for chance in usual)
        model.direct.bias.copy_(torch.cat([labels, ratings, marks]))
        for head in (model.direct, model.deep):
            head.weight.mul_(0.3)


@torch.no_grad()
def figures(model: Light, dev: tuple[list[NDArray[np.int64]], Rows], care: tuple[list[NDArray[np.int64]], Rows]) -> str:
    """Return the figures of the development splits, in words."""
    model.eval()

    def said(ids: list[NDArray[np.int64]], part: int) -> NDArray[np.float32]:
        places = np.array_split(np.arange(len(ids)), -(-len(ids) // BATCH))
        return np.concatenate([model(padded(ids, rows))[part].numpy() for rows in places])

    labels = best_macro_f1(said(dev[0], 0), dev[1].labels > 0)
    marks = best_macro_f1(said(care[0], 3)[:, :8], care[1].marks[:, :8] >= HELD)
    return f"dev macro-F1 {labels:.4f} tuned; service marks {marks:.4f}"


def pieces(tokenizer: Tokenizer, rows: Rows, *, noise: np.random.Generator | None = None) -> list[NDArray[np.int64]]:
    """Return the pieces of each row's message; the light model reads without context."""
    found = encode(tokenizer, replace(rows, contexts=[Context()] * len(rows)), noise=noise)
    return [np.array(row[1:-1] or [UNKNOWN], np.int64) for row in found]


def with_more(wanted: Targets, said: mixed.Said) -> Targets:
    """Return the targets with those of the mixed texts behind them, all of which count whole."""

    def both(pair: tuple[Tensor, Tensor], more: NDArray[np.float32]) -> tuple[Tensor, Tensor]:
        return torch.cat([pair[0], torch.from_numpy(more)]), torch.cat([pair[1], torch.ones(more.shape)])

    def chances(logits: NDArray[np.float16]) -> NDArray[np.float32]:
        return 1 / (1 + np.exp(-logits.astype(np.float32)))

    return Targets(
        both(wanted.labels, chances(said.labels)),
        both(wanted.ratings, said.ratings.astype(np.float32)),
        both(wanted.marks, chances(said.marks)),
        torch.cat([wanted.meaning, torch.from_numpy(said.meaning.astype(np.float32))]),
    )


class Training:
    """One run: the rows, the model, and how it is taught."""

    def __init__(self, given: argparse.Namespace) -> None:
        """Read the rows, and start the model."""
        torch.manual_seed(SEED)
        self.tokenizer = load_tokenizer(minilm_folder())
        self.parts = {name: part.head(given.rows) for name, part in parts(given.data, given.service).items()}
        self.rows = together(self.parts)
        said = mixed.load(given.mixed)
        self.tokenizer.enable_truncation(96)
        self.more = [np.array(one.ids[1:-1] or [UNKNOWN], np.int64) for one in self.tokenizer.encode_batch(said.texts)]
        meaning = np.load(given.soft.with_name(f"meaning-{len(self.rows)}.npy")).astype(np.float32)
        wanted = targets(self.rows, meaning, given.soft, given.share, service_rows=len(self.parts["service"]))
        self.wanted = with_more(wanted, said)
        found = development(given.data, given.service)
        self.dev, self.care = ((pieces(self.tokenizer, found[name]), found[name]) for name in ("emotions", "service"))
        self.model = Light()
        words = load_encoder(minilm_folder(), self.tokenizer).words.weight.detach().numpy()
        if given.start:
            words = torch.load(given.start, weights_only=True)["words.weight"].numpy()
        start(self.model, words, pieces(self.tokenizer, self.rows), self.wanted)
        rest = [weight for name, weight in self.model.named_parameters() if not name.startswith("table")]
        self.steps = [
            torch.optim.SparseAdam([self.model.table.weight], lr=RATE, betas=(0.9, 0.98)),
            torch.optim.AdamW(rest, lr=RATE, betas=(0.9, 0.98), weight_decay=0.01),
        ]

    def run(self, epochs: int) -> Light:
        """Train; print the development figures of each epoch; return the model with the mean of its weights."""
        chosen = [self._epoch(epoch) for epoch in range(epochs)]
        total = sum(-(-len(rows) // BATCH) for rows in chosen)
        mean: dict[str, Tensor] = {}
        done = 0
        for epoch, drawn in enumerate(chosen):
            began, losses = time.monotonic(), []
            noise = np.random.default_rng(SEED + epoch) if epoch % MISSPELT_EPOCHS else None
            ids = pieces(self.tokenizer, self.rows, noise=noise) + self.more
            lengths = np.array([len(row) for row in ids])
            for batch in batches(lengths, drawn, size=BATCH, seed=SEED + epoch):
                factor = min(1.0, 20 * (done + 1) / total, max(0.01, (total - done) / (0.95 * total)))
                losses.append(self._step(padded(ids, batch), torch.from_numpy(batch), RATE * factor))
                done += 1
                if done % AVERAGED_EVERY == 0 and done > total / 2:
                    mean = averaged(mean, self.model)
            words = figures(self.model, self.dev, self.care)
            print(f"epoch {epoch} loss {np.mean(losses):.4f} {words} {time.monotonic() - began:.0f} s", flush=True)
        self.model.load_state_dict(mean)
        print(f"mean of the weights: {figures(self.model, self.dev, self.care)}", flush=True)
        return self.model

    def _epoch(self, epoch: int) -> NDArray[np.int64]:
        """Return the rows of one epoch: those of people as often as their shares say, and all mixed ones."""
        own = epoch_rows(self.parts, SOFT_SHARES, epoch, None)
        return np.concatenate([own, len(self.rows) + np.arange(len(self.more))])

    def _step(self, ids: Tensor, rows: Tensor, rate: float) -> float:
        for steps in self.steps:
            for group in steps.param_groups:
                group["lr"] = rate
        self.model.train()
        loss = loss_of(self.model(ids), self.wanted.of(rows, "cpu"))
        loss.backward()
        for steps in self.steps:
            steps.step()
            steps.zero_grad()
        return loss.item()


def averaged(mean: dict[str, Tensor], model: Light) -> dict[str, Tensor]:
    """Return the mean of the weights with those of now."""
    now = model.state_dict()
    if not mean:
        return {name: weight.clone() for name, weight in now.items()}
    return {name: weight.lerp(now[name], 1 - AVERAGED_OVER) for name, weight in mean.items()}


def write(model: Light, folder: Path) -> None:
    """Write `model.npz`: the table as int8 with a scale per row, the rest in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.detach().numpy() for name, weight in model.state_dict().items()}
    table = weights.pop("table.weight")
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-6) / 127
    rest = {name: weight.astype(np.float16) for name, weight in weights.items()}
    whole = np.rint(table / scale).astype(np.int8)
    np.savez_compressed(folder / "model.npz", table=whole, **{"table.scale": scale.astype(np.float32)}, **rest)


def main() -> None:
    """Read the arguments, train, and write the model into the package."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"))
    arguments.add_argument("--soft", type=Path, required=True, help="the teachers' mean; the meanings are beside it")
    arguments.add_argument("--mixed", type=Path, required=True, help="what `training.text.mixed` wrote")
    arguments.add_argument("--start", type=Path, help="weights of an encoder whose pieces to start from")
    arguments.add_argument("--share", type=float, default=0.7)
    arguments.add_argument("--epochs", type=int, default=EPOCHS)
    arguments.add_argument("--rows", type=int, help="as the teachers were given")
    arguments.add_argument("--out", type=Path, default=LIGHT)
    given = arguments.parse_args()
    training = Training(given)
    write(training.run(given.epochs), given.out)
    training.tokenizer.no_truncation()
    training.tokenizer.save(str(given.out / "tokenizer.json"))


if __name__ == "__main__":
    main()
