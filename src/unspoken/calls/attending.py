"""Somebody who listens while recordings wait: a process of its own, which leaves the processor to everything else.

`Attendant.attend` starts it, and `python -m unspoken.calls.attending` is it. It ends when nothing waits any more, and
within a moment when whoever started it has ended, however that was: its standard input is closed then.
"""

import atexit
import contextlib
import logging
import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta

NICE = 10  # steps by which the process stands back
PAUSE = timedelta(minutes=1)  # after a process that broke down

logger = logging.getLogger(__name__)


class Attendant:
    """Keeps one process that listens, while anything waits."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._not_before: datetime | None = None
        atexit.register(self.close)

    def attend(self, now: datetime) -> None:
        """Begin to listen where something waits, unless it is listened to already; returns at once."""
        from .listening import free

        if self._child and not self._has_ended(self._child, now):
            return
        if (self._not_before is None or now >= self._not_before) and free(now).exists():
            command = [sys.executable, "-P", "-m", __name__]  # in a session of its own: Ctrl+C would end its decoder
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603

    def _has_ended(self, child: "subprocess.Popen[bytes]", now: datetime) -> bool:
        if child.poll() is None:
            return False
        if child.returncode:
            self._not_before = now + PAUSE
            logger.error("The process that listens to recordings broke down; they are tried again in a minute.")
        self.close()
        return True

    def close(self, *, timeout: float = 5.0) -> None:
        """Stop listening, so that another process can begin again."""
        child, self._child = self._child, None
        if child and child.stdin:
            child.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout)


def main() -> None:
    """Listen to what waits until nothing does."""
    import django

    os.nice(NICE)
    django.setup()
    from unspoken.intake import batcher

    from .listening import closing, hear_next

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):  # until whoever started us closes it, or is gone
            pass
        closing.set()

    threading.Thread(target=watch, daemon=True).start()
    while not closing.is_set() and hear_next():
        pass
    batcher.close()


attendant = Attendant()
"""The attendant of this process."""

if __name__ == "__main__":
    main()
