"""A running installation that a browser can visit, and messages that come into it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60.0


@dataclass
class House:
    """Where the installation is, and its token."""

    url: str
    token: str
    mina: str
    port: int
    inboxes: dict[str, str]
    sent: int = 0

    def say(self, text: str, *, conversation: str = "chat-1", ago: float = 0.0, author: str = "customer") -> str:
        """Let a message come in; return the id of its conversation."""
        self.sent += 1
        answer = httpx.post(
            f"{self.url}/api/v1/messages",
            headers={"Authorization": f"Bearer {self.token}"},
            json={
                "source": "shop", "external_id": f"m{self.sent}", "conversation_id": conversation, "channel": "chat",
                "author": author, "text": text, "inbox": "Website chat", "author_name": "Mina Okafor",
                "occurred_at": (datetime.now(tz=UTC) - timedelta(seconds=ago)).isoformat(),
                "person": {"handles": [{"kind": "chat", "value": "mina"}], "name": "Mina Okafor"},
            },
            timeout=60,
        )  # fmt: skip
        assert answer.status_code in {200, 201, 202}, answer.text
        return str(answer.json()["conversation"])


@contextmanager
def running(data: Path) -> Iterator[House]:
    """Make an installation in `data` and serve it on a free port."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "UNSPOKEN_DATA": str(data), "UNSPOKEN_URL": url, "DJANGO_SETTINGS_MODULE": "unspoken.config.settings",
    }  # fmt: skip
    environment.pop("UNSPOKEN_DATABASE", None)
    staged = subprocess.run(
        [sys.executable, "-m", "tests.journeys.stage"], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert staged.returncode == 0, staged.stderr
    log = (data / "server.log").open("w")
    program = "from unspoken.commands.main import app; app()"
    server = subprocess.Popen(
        [sys.executable, "-c", program, "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    try:
        _wait(url, server, data)
        yield House(url=url, port=port, **json.loads(staged.stdout.splitlines()[-1]))
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, server: "subprocess.Popen[bytes]", data: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(f"{url}/sign-in", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{(data / 'server.log').read_text()[-4000:]}")
