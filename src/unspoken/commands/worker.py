"""`unspoken worker`: deliveries and periodic jobs in a process of its own, beside `unspoken serve --no-worker`."""

import signal
from types import FrameType

import typer

from .setup import start_django


def worker_command() -> None:
    """Work off deliveries and unread messages until interrupted."""
    start_django()
    from unspoken.intake import batcher
    from unspoken.journal.worker import Worker

    worker = Worker()

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    worker.start()
    typer.echo("The worker runs; Ctrl+C ends it.")
    try:
        worker.wait()
    except KeyboardInterrupt:
        worker.stop()
        batcher.close()
