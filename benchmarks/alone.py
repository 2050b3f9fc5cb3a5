"""Print the median seconds of reading one message: python -m benchmarks.alone MODEL FILE, a JSON list of texts.

A process of its own, as the peer has one, so that its environment can hold all libraries to one thread.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from unspoken.perception.text import TextPerceiver, TextSignal


def main() -> None:
    """Read each text by itself, a few first to warm up."""
    model, file = sys.argv[1:]
    texts = json.loads(Path(file).read_text(encoding="utf-8"))
    perceiver = TextPerceiver(model)
    perceiver.read([TextSignal(text) for text in texts[:8]])
    took = []
    for text in texts:
        begun = time.perf_counter()
        perceiver.read([TextSignal(text)])
        took.append(time.perf_counter() - begun)
    print(statistics.median(took))


if __name__ == "__main__":
    main()
