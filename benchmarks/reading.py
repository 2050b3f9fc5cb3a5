"""`unspoken read` over 10,000 real messages against the transformers pipeline with RoBERTa-base, same threads.

The peer reads a part of the same messages (its speed hardly varies with their number); VADER is printed beside it.
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

THREADS = 1
ROUNDS = 3
PEER_COUNT = 200
ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "build" / "bench"
UNSPOKEN = Path(sys.executable).with_name("unspoken")


def ours(texts: list[str]) -> float:
    """Return messages per second of the command as its user runs it, start-up included."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(text.replace("\n", " ") for text in texts))
        file.flush()
        begun = time.perf_counter()
        subprocess.run(
            [UNSPOKEN, "read", "--json", "--threads", str(THREADS), "--file", file.name],
            check=True, stdout=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": str(THREADS)},
        )  # fmt: skip
        return len(texts) / (time.perf_counter() - begun)


def roberta(texts: list[str], batch: int) -> float:
    """Return messages per second of the peer, its start-up left out in its favour."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(texts, file)
        file.flush()
        command = [ENVIRONMENT / "bin" / "python", ROOT / "benchmarks" / "peers" / "roberta.py", file.name]
        ended = subprocess.run(
            [*command, str(THREADS), str(PEER_COUNT), str(batch)], check=True, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": str(THREADS), "HF_HUB_OFFLINE": "1"},
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


def main() -> None:
    """Print the medians of alternating rounds and their ratio."""
    make_environment()
    texts, origin = messages(10_000)
    rounds = [(ours(texts), roberta(texts, 1), roberta(texts, 32), vader(texts)) for _ in range(ROUNDS)]
    mine, single, batched, lexicon = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"{len(texts)} messages ({origin}), {THREADS} thread, medians of {ROUNDS} alternating rounds")
    print(f"unspoken read --json             {mine:9.1f} messages/s (start-up included)")
    print(f"RoBERTa-base pipeline, batch 1   {single:9.1f} messages/s   ratio {mine / single:6.1f}")
    print(f"RoBERTa-base pipeline, batch 32  {batched:9.1f} messages/s   ratio {mine / batched:6.1f}")
    print(f"VADER (a lexicon, polarity only) {lexicon:9.1f} messages/s")


if __name__ == "__main__":
    main()
