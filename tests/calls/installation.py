"""An installation for calls: a real server on a data folder of its own, and a look into it from outside."""

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.crash.installation import ROOT, Installation

SOON = 40.0  # seconds within which what was sent has to be dealt with, on a machine that does other things too


class Served(Installation):
    """An installation with an inbox for each way by which calls come in."""

    def __init__(self, folder: Path, database: str = "", *, like: "Served | None" = None) -> None:
        """like: one on SQLite that was never started, whose contents this one begins with."""
        super().__init__(folder, database)
        if like:
            shutil.copytree(like.folder / "data", folder / "data", dirs_exist_ok=True)
        self.code = ROOT / "src" / "unspoken"
        self._ledger = subprocess.Popen(
            [sys.executable, "-m", "tests.calls.ledger"], cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._made = like._made if like else self.ask("prepare")
        made = self._made
        self.token: str = made["token"]
        self.inboxes: dict[str, str] = made["inboxes"]
        self.contacts: list[str] = made["contacts"]

    def ask(self, what: str, **given: Any) -> Any:
        """Ask the ledger."""
        assert self._ledger.stdin
        assert self._ledger.stdout
        self._ledger.stdin.write(json.dumps({"ask": what, **given}) + "\n")
        self._ledger.stdin.flush()
        return json.loads(self._ledger.stdout.readline())

    def until(self, what: str, is_so: Callable[[Any], bool], *, within: float = SOON, **given: Any) -> Any:
        """Ask until the answer is as it should be, and return it; AssertionError with the last answer otherwise."""
        end = time.monotonic() + within
        while True:
            answer = self.ask(what, **given)
            if is_so(answer):
                return answer
            assert time.monotonic() < end, f"{what} {given}: {answer}\n{self.log()[-3000:]}"
            time.sleep(0.2)

    def post(self, path: str, document: dict[str, Any]) -> int:
        """Post to the API; return the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request("POST", f"/api/v1{path}", json.dumps(document), headers)
        return connection.getresponse().status

    def withdraws(self, caller: int) -> None:
        """Let a caller withdraw, through the API, that their voice may be read."""
        decision = {"modality": "voice", "purpose": "service", "decision": "withdrawn", "source": "test"}
        assert self.post(f"/contacts/{self.contacts[caller]}/consents", decision) == 201

    def lines(self) -> int:
        """Return how many lines the server listens to."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {self.token}"})
        told = connection.getresponse().read().decode()
        return int(float(next(one for one in told.splitlines() if one.startswith("unspoken_call_lines ")).split()[1]))

    def log(self) -> str:
        """Return what the server has written."""
        return (self.folder / "server.log").read_text()

    @property
    def pid(self) -> int:
        """The server's process."""
        assert self._server
        return self._server.pid

    @property
    def memory(self) -> float:
        """Resident memory of the server, in MB."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def ears(self) -> int:
        """Return the process that listens for the server."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.pid and b"unspoken.perception.voice.ears" in (folder / "cmdline").read_bytes():
                    return int(folder.name)
        raise AssertionError("No process listens for the server.")

    def rest(self) -> None:
        """End the look into it."""
        if self._ledger.poll() is None:
            self._ledger.communicate("")

    def close(self) -> None:
        """End everything."""
        self.kill()
        self.rest()
