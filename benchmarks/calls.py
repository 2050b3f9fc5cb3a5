"""Fifty calls at once through Twilio's protocol, both sides, at real speed: how far behind is each reading, and does
memory stay flat?

`python -m benchmarks.calls [MINUTES] [CALLS]`. A reading is behind by the time from the moment at which the last of its
sound was sent to the moment at which it was stored. The load itself takes part of the same two cores.
"""

import asyncio
import base64
import json
import os
import sqlite3
import statistics
import struct
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from unspoken.perception.voice.telephone import encoded
from unspoken.perception.voice.tests.made import voice

from .installation import Installation, installation

KEY = "a-key-of-the-benchmark-with-length"
FRAME = 0.02
TURN = 4  # seconds that each side speaks
LOOP = 120  # seconds of sound that are repeated
BAR = 2.0  # seconds behind
PREPARE = f"""
from unspoken.conversations.models import Inbox
inbox = Inbox.objects.create(name="Telephone", channel="call", connector="twilio", created_at=now(), settings={{
    "dialect": "twilio", "key": "{KEY}", "customer_track": "inbound", "callers_consent_on_the_line": True,
}})
import pathlib, os
(pathlib.Path(os.environ["UNSPOKEN_DATA"]) / "inbox").write_text(inbox.pk)
"""


def sound() -> dict[str, bytes]:
    """Return two minutes of both sides, who speak in turn, as mu-law."""
    silence, ours, theirs = np.zeros(TURN * 16_000, np.float32), [], []
    for number in range(LOOP // (2 * TURN)):
        theirs += [voice(float(TURN), pitch=130 + 5 * number, seed=number)[: TURN * 16_000], silence]
        ours += [silence, voice(float(TURN), pitch=200, seed=number + 50)[: TURN * 16_000]]
    return {"inbound": encoded(np.concatenate(theirs)[::2]), "outbound": encoded(np.concatenate(ours)[::2])}


def framed(document: dict[str, Any]) -> bytes:
    """Return a text frame of WebSocket as a client sends it; masked with zeros, so that it is made once for all."""
    payload = json.dumps(document, separators=(",", ":")).encode()
    head = (
        struct.pack("!BBH", 0x81, 0x80 | 126, len(payload))
        if len(payload) > 125
        else bytes([0x81, 0x80 | len(payload)])
    )
    return head + b"\0\0\0\0" + payload


def media(sounds: dict[str, bytes], step: int) -> bytes:
    """Return both sides' frames of the 20 ms that begin `step` frames after the start."""
    frames = b""
    for track, payload in sounds.items():
        start = step % (LOOP * 50) * 160
        document = {
            "event": "media", "sequenceNumber": str(step + 2), "streamSid": "MZbench",
            "media": {
                "track": track, "chunk": str(step + 1), "timestamp": str(step * 20),
                "payload": base64.b64encode(payload[start : start + 160]).decode(),
            },
        }  # fmt: skip
        frames += framed(document)
    return frames


async def dial(served: Installation, number: int, inbox: str) -> tuple[asyncio.StreamWriter, "asyncio.Task[None]"]:
    """Open one call's stream."""
    host, port = served.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        f"GET /lines/twilio/{inbox}?key={KEY} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "\r\n".encode()
    )
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in answer.split(b"\r\n")[0]:
        raise RuntimeError(answer.decode())
    start = {
        "event": "start", "sequenceNumber": "1", "streamSid": "MZbench",
        "start": {
            "accountSid": "AC", "streamSid": "MZbench", "callSid": f"CA{number}", "tracks": ["inbound", "outbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {
                "contact_email": f"caller{number}@bench.example", "voice_consent": "given", "announced": "a notice",
            },
        },
    }  # fmt: skip
    writer.write(framed({"event": "connected", "protocol": "Call", "version": "1.0.0"}) + framed(start))
    return writer, asyncio.create_task(answer_pings(reader, writer))


async def answer_pings(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the server's pings until the connection ends."""
    try:
        while True:
            first, second = await reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                size = int.from_bytes(await reader.readexactly(2), "big")
            payload = await reader.readexactly(size)
            if first & 0x0F == 0x9:
                writer.write(bytes([0x8A, 0x80 | len(payload)]) + b"\0\0\0\0" + payload)
    except (asyncio.IncompleteReadError, ConnectionError):
        return


def memory(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def play(served: Installation, calls: int, seconds: float) -> tuple[dict[str, float], list[tuple[float, float]]]:
    """Let all calls speak; return when each began (this clock, by its name), and memory over time."""
    sounds, inbox = sound(), (served.data / "inbox").read_text()
    lines = [await dial(served, number, inbox) for number in range(calls)]
    writers, began = [writer for writer, _ in lines], {}
    await asyncio.sleep(2.0)
    start, grown = time.time(), []
    for number in range(calls):
        began[f"CA{number}"] = start
    for step in range(int(seconds / FRAME)):
        frames = media(sounds, step)
        for writer in writers:
            writer.write(frames)
        if step % 500 == 0:
            grown.append((step * FRAME, memory(served.process.pid)))
        await asyncio.sleep(max(0.0, start + (step + 1) * FRAME - time.time()))
    for writer in writers:
        writer.close()
    await asyncio.sleep(3.0)
    return began, grown


def behind(served: Installation, began: dict[str, float]) -> list[float]:
    """Return by how many seconds each reading was stored after the last of its sound was sent."""
    with sqlite3.connect(served.data / "unspoken.sqlite3") as database:
        rows = database.execute(
            "SELECT c.external_id, t.ends, t.created_at FROM readings_tone t JOIN conversations_conversation c"
            " ON c.id = t.conversation_id WHERE t.reason <> 'interrupted'"
        ).fetchall()
    return [
        datetime.fromisoformat(f"{stored}+00:00").timestamp() - began[call] - ends for call, ends, stored in rows
    ]  # fmt: skip


def main() -> None:
    """Run and print."""
    minutes, calls = (float(one) for one in [*sys.argv[1:], "3", "50"][:2])
    if len(sys.argv) == 2:
        calls = 50
    with installation(prepare=PREPARE) as served:
        began, grown = asyncio.run(play(served, int(calls), 60 * minutes))
        late = sorted(behind(served, began))
    expected = int(calls) * (60 * minutes - 2)
    settled = [used for at, used in grown if at >= 30] or [grown[-1][1]]
    print(
        f"{int(calls)} calls for {minutes:g} minutes: {len(late)} readings ({len(late) / expected:.0%} of the seconds)"
    )
    print(
        f"behind the sound: p50 {statistics.median(late):.2f} s, p99 {late[int(0.99 * len(late))]:.2f} s, most "
        f"{late[-1]:.2f} s (bar {BAR:g} s)"
    )
    print(f"memory of the server: {settled[0]:.0f} MB after half a minute, {settled[-1]:.0f} MB at the end")


if __name__ == "__main__":
    main()
