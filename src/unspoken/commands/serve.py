"""`unspoken serve`: pages, API and, unless told otherwise, the worker, in one process."""

import gc
import logging
import os
from collections.abc import Callable
from typing import Annotated

import typer

from .setup import start_django

Host = Annotated[str, typer.Option(help="Address to listen on")]
Port = Annotated[int, typer.Option(help="Port to listen on", min=1, max=65535)]


def migrate_command() -> None:
    """Create or upgrade the database and install the shipped rules."""
    start_django()
    prepare_database(verbosity=1)


def serve_command(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    worker: Annotated[bool, typer.Option(help="Also run the worker in this process")] = True,
) -> None:
    """Serve the pages and the API; upgrade the database first."""
    os.environ.setdefault("UNSPOKEN_URL", f"http://{host}:{port}")
    start_django()
    prepare_database()
    typer.echo(f"Unspoken is at http://{host}:{port}")
    run_server(host=host, port=port, worker=worker)


def prepare_database(*, verbosity: int = 0) -> None:
    """Bring the database to the present version; safe to repeat, and after a kill in its midst."""
    from django.core.management import call_command

    from unspoken.flags.defaults import install_default_rules
    from unspoken.kit.clock import now

    call_command("migrate", interactive=False, verbosity=verbosity)
    install_default_rules(now=now())


def run_server(*, host: str, port: int, worker: bool, beside: Callable[[], None] | None = None) -> None:
    """Serve until interrupted. `beside` is called once the worker runs, just before the first request is taken."""
    import uvicorn
    from django.conf import settings
    from django.utils.module_loading import import_string

    from unspoken.calls.exchange import exchange
    from unspoken.intake import batcher
    from unspoken.journal.worker import Worker
    from unspoken.readings.actions import analysis_is_on
    from unspoken.readings.actions.perceive import text_perceiver

    if analysis_is_on():
        text_perceiver().start()
    running = Worker() if worker else None
    if running:
        running.start()
    if beside:
        beside()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        import_string(settings.ASGI_APPLICATION), host=host, port=port, lifespan="off", log_level="warning",
        access_log=False, timeout_graceful_shutdown=3, timeout_keep_alive=30, backlog=512,
        ws_max_size=128 * 1024, ws_per_message_deflate=False,
    )  # fmt: skip
    gc.collect()
    gc.freeze()  # what is loaded by now stays; looking for rubbish in it costs a twentieth of the intake
    gc.set_threshold(20_000, 20, 50)
    try:
        uvicorn.Server(config).run()
    finally:
        exchange.release()
        batcher.close()
        if running:
            running.stop()
