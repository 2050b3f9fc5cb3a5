"""How soon a server answers after it is started, and what memory it holds before and after it has read."""

import statistics
from pathlib import Path

import httpx

from .doors import body
from .installation import Installation, installation

ROUNDS = 3


def resident(served: Installation) -> float:
    """Return the resident memory of the server in MB."""
    for line in Path(f"/proc/{served.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell a process's memory")


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
