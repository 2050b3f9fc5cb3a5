"""The worker: works deliveries off and runs periodic jobs, in threads of the server or in a process of its own."""

import logging
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor

from django.db import Error, connection

from unspoken.kit.clock import now

from .deliveries import AT_ONCE, work_off
from .notifier import notifier
from .periodic import Job, jobs

POLL = 1.0
"""Seconds until deliveries that another process wrote are noticed; this process's own are at once."""

REST = 0.05
"""Seconds between two looks, so that a hundred commits a second do not ask a hundred times."""

logger = logging.getLogger(__name__)


class Worker:
    """Two threads: one for deliveries (their handlers run `side_by_side`), one for periodic jobs."""

    def __init__(self, *, side_by_side: int = 4, poll: float = POLL) -> None:
        self._side_by_side, self._poll = side_by_side, poll
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._deliver, name="worker-deliveries", daemon=True),
            threading.Thread(target=self._run_jobs, name="worker-periodic", daemon=True),
        ]

    def start(self) -> None:
        """Start both threads and return."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, timeout: float = 10.0) -> None:
        """Let what is in hand finish, at most `timeout` seconds; the rest is taken up after the next start."""
        self._ended.set()
        notifier.wake()
        for thread in self._threads:
            thread.join(timeout)

    def wait(self) -> None:
        """Block until the worker was stopped."""
        self._ended.wait()

    def _deliver(self) -> None:
        with ThreadPoolExecutor(self._side_by_side, thread_name_prefix="delivery") as executor:
            seen = notifier.count
            while not self._ended.is_set():
                if self._deliver_some(executor) < AT_ONCE:
                    self._ended.wait(REST)
                    seen = notifier.wait(seen, timeout=self._poll)

    def _deliver_some(self, executor: Executor) -> int:
        try:
            return work_off(now=now(), executor=executor)
        except Error as error:
            logger.warning("Deliveries wait, the database cannot be used: %s", error)
            connection.close()
            self._ended.wait(self._poll)
            return 0

    def _run_jobs(self) -> None:
        due = {job.name: time.monotonic() for job in jobs()}
        while not self._ended.wait(min(self._poll, 0.5)):
            for job in jobs():
                if time.monotonic() >= due.get(job.name, 0.0):
                    self._run(job)
                    due[job.name] = time.monotonic() + job.seconds

    def _run(self, job: Job) -> None:
        try:
            job.work(now())
        except Error as error:
            logger.warning("“%s” is put off, the database cannot be used: %s", job.name, error)
            connection.close()
        except Exception:
            logger.exception("“%s” failed; it is tried again in %g seconds.", job.name, job.seconds)
