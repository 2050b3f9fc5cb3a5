"""Through the doors of a running server: single POSTs by 16 clients, the event stream meanwhile, and a batch.

Every acknowledgement is durable (SQLite, synchronous=FULL). The event's delay is from before the POST to its arrival on
an open stream, both measured by this process.
"""

import asyncio
import json
import statistics
import time
from itertools import count
from typing import Any

import httpx

from .installation import Installation, installation
from .texts import messages

CLIENTS = 16
SECONDS = 12.0
BATCH = 6000


def body(number: int, text: str) -> dict[str, Any]:
    """Return a message of one of 50 contacts, some 20 messages a conversation."""
    who = number % 50
    return {
        "source": "bench", "external_id": f"m{number}", "conversation_id": f"c{who}-{number // 1000}",
        "channel": "chat", "author": "customer", "text": text,
        "person": {"handles": [{"kind": "chat", "value": f"bench-{who}"}]},
    }  # fmt: skip


class Client:
    """A bare HTTP/1.1 connection, kept alive: the load must not cost more than what it measures."""

    def __init__(self, served: Installation) -> None:
        self.served, self.host = served, served.url.removeprefix("http://")

    async def __aenter__(self) -> "Client":
        name, port = self.host.split(":")
        self.reader, self.writer = await asyncio.open_connection(name, int(port))
        return self

    async def __aexit__(self, *error: object) -> None:
        self.writer.close()

    async def post(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        """Send JSON and return the answer's JSON; raise for any status but 200 and 201."""
        content = json.dumps(document).encode()
        self.writer.write(
            f"POST {path} HTTP/1.1\r\nhost: {self.host}\r\nauthorization: Bearer {self.served.token}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n".encode()
            + content
        )
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        answer = await self.reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        if head.split(" ", 2)[1] not in {"200", "201"}:
            raise RuntimeError(answer.decode())
        return dict(json.loads(answer))


async def load(served: Installation, texts: list[str]) -> tuple[list[float], dict[str, float], float]:
    """Return the acknowledgement times, when each message was sent, and the seconds that it all took."""
    numbers, until = count(), time.perf_counter() + SECONDS
    times: list[float] = []
    sent: dict[str, float] = {}

    async def client() -> None:
        async with Client(served) as http:
            while time.perf_counter() < until:
                number = next(numbers)
                begun = time.perf_counter()
                answer = await http.post("/api/v1/messages", body(number, texts[number % len(texts)]))
                times.append(time.perf_counter() - begun)
                sent[answer["message"]] = begun

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return times, sent, time.perf_counter() - begun


async def listen(served: Installation, arrived: dict[str, float]) -> None:
    """Note when each message's event arrives on the stream of a signed-in browser."""
    async with httpx.AsyncClient(base_url=served.url, timeout=None) as http:
        page = await http.get("/sign-in")
        token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        form = {"username": "ada@bench.example", "password": "a long bench password", "csrfmiddlewaretoken": token}
        await http.post("/sign-in", data=form, headers={"Referer": served.url})
        async with http.stream("GET", "/live/events") as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line.startswith("data: "):
                    told = json.loads(line[6:])
                    if told.get("kind") == "message.received":
                        arrived[told["message"]] = time.perf_counter()


async def measure(served: Installation, texts: list[str]) -> None:
    """Print single POSTs, their events, and the batch."""
    arrived: dict[str, float] = {}
    listening = asyncio.create_task(listen(served, arrived))
    await asyncio.sleep(2)
    times, sent, seconds = await load(served, texts)
    await asyncio.sleep(2)
    listening.cancel()
    delays = [arrived[message] - begun for message, begun in sent.items() if message in arrived]
    print(f"single POSTs, {CLIENTS} clients    {len(times) / seconds:8.1f} messages/s")
    print(f"  acknowledged after       p50 {quantile(times, 50):6.1f} ms   p99 {quantile(times, 99):6.1f} ms")
    print(f"  event on an open stream  p50 {quantile(delays, 50):6.1f} ms   p99 {quantile(delays, 99):6.1f} ms"
          f"   ({len(delays)} of {len(sent)} arrived)")  # fmt: skip
    lines = "\n".join(json.dumps(body(1_000_000 + n, texts[n % len(texts)])) for n in range(BATCH))
    begun = time.perf_counter()
    async with httpx.AsyncClient(base_url=served.url, headers=served.headers, timeout=300) as http:
        answer = await http.post("/api/v1/messages/batch", content=lines)
    stored = sum(json.loads(line)["status"] == "stored" for line in answer.text.splitlines())
    print(f"batch of {BATCH} lines        {stored / (time.perf_counter() - begun):8.1f} messages/s ({stored} stored)")


def quantile(values: list[float], percent: int) -> float:
    """Return a percentile in milliseconds."""
    return statistics.quantiles(values, n=100)[percent - 1] * 1000


def main() -> None:
    """Run against a fresh installation; the load generator shares the machine with the server."""
    texts, origin = messages(5000)
    with installation() as served:
        print(f"texts: {origin}")
        asyncio.run(measure(served, texts))


if __name__ == "__main__":
    main()
