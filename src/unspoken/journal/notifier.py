"""Wakes whoever waits for new entries in this process: live screens and the worker. Other processes poll."""

import threading


class Notifier:
    """A counter of commits that can be waited for."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """How many wake-ups there have been."""
        return self._count

    def wake(self) -> None:
        """Tell every waiter that something was committed."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, *, timeout: float) -> int:
        """Wait until the count passes `seen` or `timeout` seconds went by; return the count."""
        with self._condition:
            self._condition.wait_for(lambda: self._count > seen, timeout)
            return self._count


notifier = Notifier()
