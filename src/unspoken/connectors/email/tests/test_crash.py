"""Killed while mails are taken in, again and again: afterwards each is there once."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .servers import MISSING, MailServer, dovecot
from .test_loop import mail

MAILS, KILLS = 160, 4
pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.skipif(bool(MISSING), reason=MISSING)]

PREPARE = """
import json, sys, django; django.setup()
from django.core.management import call_command
from unspoken.conversations.models import Inbox
from unspoken.kit.clock import now
call_command("migrate", verbosity=0)
Inbox.objects.create(name="Care", channel="email", connector="email", settings=json.load(sys.stdin), created_at=now())
"""
LOOK = """
import django; django.setup()
from unspoken.connectors.models import Lookout
from unspoken.connectors.polling import look
from unspoken.conversations.models import Inbox
from unspoken.kit.clock import now
Lookout.objects.update(due_at=now())
look(Inbox.objects.get(), now=now())
"""


@pytest.fixture
def server() -> Iterator[MailServer]:
    with dovecot() as running:
        yield running


def start(program: str, data: Path) -> "subprocess.Popen[bytes]":
    environment = {name: value for name, value in os.environ.items() if name != "UNSPOKEN_DATABASE"} | {
        "DJANGO_SETTINGS_MODULE": "unspoken.config.settings", "UNSPOKEN_DATA": str(data),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", program], env=environment, stdin=subprocess.PIPE)


def stored(data: Path) -> list[str]:
    with sqlite3.connect(data / "unspoken.sqlite3", timeout=20) as database:
        return [row[0] for row in database.execute("SELECT external_id FROM conversations_message")]


def test_every_mail_is_taken_in_once_whenever_it_is_killed(server: MailServer, tmp_path: Path) -> None:
    server.receive(*(mail(number) for number in range(MAILS)))
    start(PREPARE, tmp_path).communicate(json.dumps(server.settings()).encode(), timeout=120)
    seen = []
    for number in range(KILLS):
        process = start(LOOK, tmp_path)
        goal = len(stored(tmp_path)) + 20 * number + 1
        until = time.monotonic() + 60
        while len(stored(tmp_path)) < min(goal, MAILS) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        seen.append(len(stored(tmp_path)))
    assert 0 < seen[0] < seen[-1]
    last = start(LOOK, tmp_path)
    assert last.wait(timeout=120) == 0
    assert sorted(stored(tmp_path)) == sorted(f"{number}@lumen.example" for number in range(MAILS))
