"""Both shipped models against the transformers pipeline with RoBERTa-base: one message, and 10,000 of them.

`unspoken read` over the file, start-up included, on two threads; single messages of about 20 words on one. The peer
reads a part of the same messages (its speed hardly varies with their number); VADER is printed beside it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .texts import messages

THREADS = 2
ROUNDS = 3
ONE_COUNT, ONE_WORDS = 100, range(18, 23)
MODELS = ("standard", "light")
PEER_COUNT = 200
ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "build" / "bench"
UNSPOKEN = Path(sys.executable).with_name("unspoken")


def ours(texts: list[str], model: str) -> float:
    """Return messages per second of the command as its user runs it, start-up included."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(text.replace("\n", " ") for text in texts))
        file.flush()
        begun = time.perf_counter()
        subprocess.run(
            [UNSPOKEN, "read", "--json", "--model", model, "--threads", str(THREADS), "--file", file.name],
            check=True, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": str(THREADS)},
        )  # fmt: skip
        return len(texts) / (time.perf_counter() - begun)


def one_at_a_time(texts: list[str], model: str) -> float:
    """Return the median seconds of reading one message, in a process held to one thread."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(texts, file)
        file.flush()
        ended = subprocess.run(
            [sys.executable, "-m", "benchmarks.alone", model, file.name], check=True, stdout=subprocess.PIPE, text=True,
            cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        return float(ended.stdout)


def roberta(texts: list[str], batch: int, threads: int = THREADS) -> float:
    """Return messages per second of the peer, its start-up left out in its favour; batch 0: seconds of one message."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(texts, file)
        file.flush()
        command = [ENVIRONMENT / "bin" / "python", ROOT / "benchmarks" / "peers" / "roberta.py", file.name]
        ended = subprocess.run(
            [*command, str(threads), str(PEER_COUNT), str(batch)], check=True, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
        return float(ended.stdout)


def vader(texts: list[str]) -> float:
    """Return messages per second of VADER, called as a library."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    begun = time.perf_counter()
    for text in texts:
        analyser.polarity_scores(text)
    return len(texts) / (time.perf_counter() - begun)


def make_environment() -> None:
    """Make the peers' environment once (PyTorch is large and never part of the product)."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "torch==2.13.0"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "transformers>=4.50", "numpy"], check=True)


def single(texts: list[str]) -> None:
    """Print the medians of one message."""
    chosen = [text for text in texts if len(text.split()) in ONE_WORDS][:ONE_COUNT]
    rounds = [[roberta(chosen, 0, 1), *(one_at_a_time(chosen, model) for model in MODELS)] for _ in range(ROUNDS)]
    peer, *mine = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"one message of {ONE_WORDS[0]} to {ONE_WORDS[-1]} words, one thread, p50")
    print(f"RoBERTa-base pipeline            {peer * 1000:9.2f} ms")
    for model, seconds in zip(MODELS, mine, strict=True):
        print(f"{model:32s} {seconds * 1000:9.3f} ms   ratio {peer / seconds:6.1f}")


def main() -> None:
    """Print the medians of alternating rounds and their ratios."""
    make_environment()
    texts, origin = messages(10_000)
    single(texts)
    rounds = [
        [roberta(texts, 1), roberta(texts, 32), vader(texts), *(ours(texts, model) for model in MODELS)]
        for _ in range(ROUNDS)
    ]
    alone, batched, lexicon, *mine = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"{len(texts)} messages ({origin}), {THREADS} threads, medians of {ROUNDS} alternating rounds")
    print(f"RoBERTa-base pipeline, batch 1   {alone:9.1f} messages/s")
    print(f"RoBERTa-base pipeline, batch 32  {batched:9.1f} messages/s")
    for model, rate in zip(MODELS, mine, strict=True):
        ratios = f"ratio {rate / alone:6.1f} · {rate / batched:6.1f}"
        print(f"unspoken read, {model:17s} {rate:9.1f} messages/s (start-up included)   {ratios}")
    print(f"VADER (a lexicon, polarity only) {lexicon:9.1f} messages/s")


if __name__ == "__main__":
    main()
