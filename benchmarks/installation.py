"""A fresh installation in a temporary folder, served by a process of its own."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

UNSPOKEN = Path(sys.executable).with_name("unspoken")
PREPARE = """
import json
from unspoken.commands.setup import start_django
start_django()
from unspoken.commands.serve import prepare_database
prepare_database()
from unspoken.kit.clock import now
from unspoken.people.actions import add_identity, create_contact
from unspoken.privacy.actions import record_consent
from unspoken.staff.actions import create_member, issue_token
from unspoken.staff.models import Scope
ada = create_member("ada@bench.example", name="Ada", role="owner", password="a long bench password", now=now())
for number in range(50):
    contact = create_contact(name=f"Customer {number}", now=now())
    add_identity(contact, kind="chat", handle=f"bench-{number}", now=now())
    record_consent(contact, modality="text", purpose="service", decision="given", source="bench", now=now())
print(json.dumps(issue_token(ada, name="bench", scopes=list(Scope), now=now())[1]))
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where it is served, the token of its owner, its process, and the folder of its data."""

    url: str
    token: str
    process: "subprocess.Popen[bytes]"
    seconds_to_start: float
    data: Path

    @property
    def headers(self) -> dict[str, str]:
        """What a program sends along."""
        return {"Authorization": f"Bearer {self.token}"}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def installation(*, prepare: str = "", **environment: str) -> Iterator[Installation]:
    """Serve a fresh installation with 50 consenting contacts (`bench-0` … `bench-49`) and stop it afterwards.

    prepare: further Python that is run once before it starts.
    """
    with tempfile.TemporaryDirectory(prefix="unspoken-bench-") as folder:
        port = free_port()
        settings = os.environ | {"UNSPOKEN_DATA": folder, "UNSPOKEN_URL": f"http://127.0.0.1:{port}"} | environment
        made = subprocess.run(
            [sys.executable, "-c", PREPARE + prepare], env=settings, check=True, stdout=subprocess.PIPE
        )
        begun = time.perf_counter()
        process = subprocess.Popen([UNSPOKEN, "serve", "--port", str(port)], env=settings, stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url)
            yield Installation(url, json.loads(made.stdout), process, time.perf_counter() - begun, Path(folder))
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(url: str) -> None:
    """Wait until the server answers, at most a minute."""
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not answer within a minute")
