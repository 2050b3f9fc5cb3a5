"""Run the benchmarks named on the command line, or all of them, each in a process of its own."""

import subprocess
import sys

ALL = ("reading", "voice", "intake", "importing", "doors", "growth", "start")


def main() -> int:
    """Return 0 when every benchmark ran."""
    codes = []
    for name in sys.argv[1:] or ALL:
        print(f"\n== {name}", flush=True)
        codes.append(subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
