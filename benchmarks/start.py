"""How soon a server answers after it is started, and what memory it holds before and after it has read."""

import statistics
from pathlib import Path

import httpx

from .doors import body
from .installation import Installation, installation

ROUNDS = 3


def resident(served: Installation) -> float:
    """Return the resident memory in MB of the server and of its children: the process that reads texts."""
    found, waiting = 0.0, [served.process.pid]
    while waiting:
        process = Path("/proc") / str(waiting.pop())
        for line in (process / "status").read_text().splitlines():
            if line.startswith("VmRSS"):
                found += int(line.split()[1]) / 1024
        waiting += [
            int(pid) for task in (process / "task").iterdir() for pid in (task / "children").read_text().split()
        ]
    return found


def main() -> None:
    """Print the medians."""
    starts, before, after = [], [], []
    for _ in range(ROUNDS):
        with installation() as served:
            starts.append(served.seconds_to_start)
            before.append(resident(served))
            for number in range(20):
                httpx.post(
                    f"{served.url}/api/v1/messages", json=body(number, "Where is my parcel? This is annoying."),
                    headers=served.headers, timeout=60,
                ).raise_for_status()  # fmt: skip
            after.append(resident(served))
    print(f"start to first answer       {statistics.median(starts):6.2f} s (database there already)")
    print(f"memory, model not yet used  {statistics.median(before):6.0f} MB")
    print(f"memory, model loaded        {statistics.median(after):6.0f} MB")


if __name__ == "__main__":
    main()
