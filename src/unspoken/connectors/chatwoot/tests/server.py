"""A small Chatwoot: keeps posted messages, and misbehaves as told."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Chatwoot:
    """`posted`: what was stored; `status`: what it answers to posts; `after`: it stores first and then hangs up."""

    url: str = ""
    posted: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, token
    status: int = 200
    hangs_up: bool = False
    list_status: int = 200


@contextlib.contextmanager
def chatwoot() -> Iterator[Chatwoot]:
    """Serve on a free port of this machine."""
    state = Chatwoot()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._note()
            if state.status < 500 and state.status != 200:
                self._answer(state.status, {"error": "refused"})
                return
            number = 700 + len(state.posted)
            state.posted.append({**said, "id": number, "message_type": 1, "created_at": 4_000_000_000})
            if state.hangs_up:
                self.connection.close()
                return
            self._answer(state.status, {"id": number})

        def do_GET(self) -> None:
            self._note()
            if self.path == "/api/v1/profile":
                self._answer(state.status, {"id": 9, "accounts": [{"id": 3, "name": "Kettle & Co"}]})
                return
            self._answer(state.list_status, {"meta": {}, "payload": state.posted})

        def _note(self) -> None:
            state.requests.append((self.command, self.path, self.headers.get("api_access_token", "")))

        def _answer(self, status: int, body: Any) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
