"""What is done every so often. A job is registered once, in its app's `AppConfig.ready`; the worker runs it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Work = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class Job:
    """`work(now)` is called every `seconds`; it is safe to run in two processes at once, and after a crash midway."""

    name: str
    seconds: float
    work: Work


_jobs: dict[str, Job] = {}


def every(seconds: float, *, name: str, work: Work) -> None:
    """Register a job; the same name again replaces it."""
    _jobs[name] = Job(name, seconds, work)


def jobs() -> list[Job]:
    """Return the registered jobs."""
    return list(_jobs.values())
