"""One installation on one database, its server started and killed at will, and clients that never give up."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60.0
COMMAND = "from unspoken.commands.main import app; app()"


class Installation:
    """Data folder, database and port; `environment` may be changed between starts."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.port = folder, _free_port()
        (folder / "data").mkdir()
        self.environment = {
            **os.environ, "UNSPOKEN_DATA": str(folder / "data"), "UNSPOKEN_DATABASE": database,
            "UNSPOKEN_SECRET_KEY": "only for this test", "DJANGO_SETTINGS_MODULE": "unspoken.config.settings",
            "UNSPOKEN_URL": f"http://127.0.0.1:{self.port}",
        }  # fmt: skip
        self._server: subprocess.Popen[bytes] | None = None

    def ledger(self, command: str) -> Any:
        """Run one of the commands of `tests.crash.ledger` on the installation and return its answer."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.crash.ledger", command], cwd=ROOT, env=self.environment, check=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        return json.loads(done.stdout)

    def start(self, changed: Mapping[str, str] | None = None) -> None:
        """Start the server and return once it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-c", COMMAND, "serve", "--port", str(self.port)], cwd=self.folder,
                env={**self.environment, **(changed or {})}, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            assert self._server.poll() is None, (self.folder / "server.log").read_text()[-3000:]
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.02)
        raise AssertionError(f"The server did not answer within {STARTS_WITHIN} seconds.")

    def kill(self) -> None:
        """Kill the server as a power cut would: no signal handler, no goodbye."""
        if self._server:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
            self._server = None


class Client(threading.Thread):
    """Sends messages one by one, each again and again under the same name until it is acknowledged."""

    def __init__(self, installation: Installation, token: str, number: int) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self._installation, self._number = installation, number
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None
        self.ended = threading.Event()
        self.acknowledged: dict[str, str] = {}
        self.strange: list[str] = []

    def run(self) -> None:
        """Send until `ended` is set and the last message is acknowledged."""
        count = 0
        while not self.ended.is_set():
            count += 1
            name = f"{self._number}/{count}"
            body = json.dumps(_message(name, count, self._number))
            while name not in self.acknowledged:
                self._try(name, body)

    def _try(self, name: str, body: str) -> None:
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._installation.port, timeout=20)
            self._connection.request("POST", "/api/v1/messages", body, self._headers)
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            self._connection = None
            time.sleep(0.02)
            return
        if response.status in {200, 201}:
            self.acknowledged[name] = json.loads(answer)["message"]
        elif response.status != 503:
            self.strange.append(f"{response.status} {answer[:300]!r}")
            self.acknowledged[name] = ""


def _message(name: str, count: int, number: int) -> dict[str, Any]:
    words = (  # long enough to be read for themselves, whatever came before
        "Hello, where is my order that I paid last week?",
        "This is the third time I ask and nobody answers.",
        "Thank you so much, my order arrived this morning.",
    )
    return {
        "source": "crash", "external_id": name, "conversation_id": f"{number}-{count // 10}", "channel": "chat",
        "author": "customer", "text": words[count % 3],
        "person": {"handles": [{"kind": "email", "value": f"client{number}@example.org"}]},
    }  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
