"""Looks into an installation from outside its server: `python -m tests.calls.ledger`, a line of JSON for each question.

A question is {"ask": a name of `ANSWERS`, …what it is given}; the answer is a line of JSON.
"""

import json
import sys
from collections import Counter
from typing import Any

KEY = "a-key-of-the-tests-that-is-long-enough"
AUTH_TOKEN = "an-auth-token-of-the-tests"
API_KEY, CLIENT_SECRET = "an-api-key-of-the-tests", "YS1zZWNyZXQtb2YtdGhlLXRlc3RzLWxvbmc="
PUBLIC = "wss://care.kettle.example"
CALLERS = 12
SETTINGS = {
    "twilio": {"dialect": "twilio", "auth_token": AUTH_TOKEN, "key": "", "customer_track": "inbound",
               "customer_number": "", "public_address": PUBLIC, "withdraw_key": "9",
               "callers_consent_on_the_line": True},
    "audiohook": {"api_key": API_KEY, "client_secret": CLIENT_SECRET, "public_address": PUBLIC,
                  "callers_consent_on_the_line": False},
    "pcm": {"key": KEY, "withdraw_key": "9", "callers_consent_on_the_line": False},
}  # fmt: skip


def prepare() -> dict[str, Any]:
    """Make the database, a member with a token, an inbox of each kind, and callers of whom all but one permit that
    their voice is read."""
    from django.core.management import call_command

    from unspoken.conversations.models import Inbox
    from unspoken.flags.defaults import install_default_rules
    from unspoken.kit.clock import now
    from unspoken.people.actions.resolve import Known, resolve_contacts
    from unspoken.privacy.actions import record_consents
    from unspoken.staff.actions import create_member, issue_token
    from unspoken.staff.models import Role, Scope

    call_command("migrate", verbosity=0)
    install_default_rules(now())
    ada = create_member("ada@example.org", name="Ada", role=Role.OWNER, now=now())
    people = [Known((("email", f"caller{number}@example.org"),), f"Caller {number}") for number in range(CALLERS)]
    contacts = [contact for contact in resolve_contacts(people, now=now()) if contact]
    record_consents(contacts[:-1], modality="voice", purpose="service", decision="given", source="test", now=now())
    inboxes = {
        name: Inbox.objects.create(
            name=f"Calls by {name}", channel="call", connector=name, settings=settings, created_at=now()
        ).pk
        for name, settings in SETTINGS.items()
    }
    token = issue_token(ada, name="calls", scopes=list(Scope), now=now())[1]
    return {"token": token, "inboxes": inboxes, "contacts": contacts}


def tones(call: str) -> list[list[Any]]:
    """Return begin, end and reason of every window of a call, in order."""
    from unspoken.readings.models import ToneReading

    rows = ToneReading.objects.filter(conversation__external_id=call).order_by("begins", "id")
    return [[row.begins, row.ends, row.reason] for row in rows]


def timeline(call: str) -> list[str]:
    """Return what the timeline of a call says, in order."""
    from unspoken.conversations.models import Message

    rows = Message.objects.filter(conversation__external_id=call, author_kind="system")
    return list(rows.order_by("occurred_at", "id").values_list("text", flat=True))


def call(call: str) -> dict[str, Any]:
    """Return how a call stands; {} where there is none."""
    from unspoken.calls.models import Call
    from unspoken.journal.models import Entry

    row = Call.objects.filter(conversation__external_id=call).first()
    if row is None:
        return {}
    entries = Counter(Entry.objects.filter(conversation_id=row.pk).values_list("kind", flat=True))
    return {
        "tone": row.tone, "is_over": row.ended_at is not None, "heard_until": round(row.heard_until, 2),
        "customer": row.talk.get("customer"), "has_usual": row.usual is not None, "began": entries["call.began"],
        "ended": entries["call.ended"], "contact": row.conversation.contact_id,
    }  # fmt: skip


def flags(call: str) -> list[str]:
    """Return the names of the rules that raised flags of a call."""
    from unspoken.flags.models import Flag

    return list(Flag.objects.filter(conversation__external_id=call).order_by("id").values_list("rule__name", flat=True))


def stored() -> dict[str, int]:
    """Count what is stored."""
    from unspoken.calls.models import Call
    from unspoken.conversations.models import Conversation, Message
    from unspoken.readings.models import ToneReading

    return {one.__name__: one._default_manager.count() for one in (Call, Conversation, Message, ToneReading)}


def journal() -> int | None:
    """Return the first entry of the journal that does not follow from the one before, if any."""
    from unspoken.journal.queries import first_broken_entry

    return first_broken_entry()


ANSWERS = {one.__name__: one for one in (prepare, tones, timeline, call, flags, stored, journal)}


def main() -> None:
    """Answer until nothing more is asked."""
    import django

    django.setup()
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps(ANSWERS[question.pop("ask")](**question)), flush=True)


if __name__ == "__main__":
    main()
