"""Run every test on SQLite, and again on PostgreSQL where there is one: `python -m tests [pytest options]`."""

import os
import subprocess
import sys
from collections.abc import Mapping

from tests.postgres import temporary_server

ONCE = "not crash and not journey"  # what the second database repeats; browser and crash tests choose theirs themselves
CRASH = "crash or journey"


def pytest(*options: str, **environment: str) -> int:
    """Run pytest in a process of its own; return its exit code."""
    command = [sys.executable, "-m", "pytest", *options, *sys.argv[1:]]
    settings: Mapping[str, str] = {**os.environ, **environment}
    return subprocess.run(command, env=settings, check=False).returncode


def main() -> int:
    """Return 0 when every run passed."""
    print("SQLite", flush=True)
    codes = [pytest("-n", "2", "-m", ONCE), pytest("-n", "2", "-m", CRASH)]
    with temporary_server() as url:
        if url:
            print("PostgreSQL", flush=True)
            codes.append(pytest("-n", "2", "-m", f"({ONCE}) and django_db", UNSPOKEN_DATABASE=url))
        else:
            print("PostgreSQL: no initdb found; its tests did not run", flush=True)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
