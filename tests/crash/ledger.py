"""Looks into an installation from outside its server: `python -m tests.crash.ledger prepare|pending|report`."""

import json
import sys
from collections import Counter
from typing import Any

CLIENTS = 8


def prepare() -> dict[str, Any]:
    """Make the database, a member with a token, and the clients' contacts, who permit that their words are read."""
    from django.core.management import call_command

    from unspoken.kit.clock import now
    from unspoken.people.actions.resolve import Known, resolve_contacts
    from unspoken.privacy.actions import record_consents
    from unspoken.staff.actions import create_member, issue_token
    from unspoken.staff.models import Role, Scope

    call_command("migrate", verbosity=0)
    ada = create_member("ada@example.org", name="Ada", role=Role.OWNER, now=now())
    people = [Known((("email", f"client{number}@example.org"),), f"Client {number}") for number in range(CLIENTS)]
    contacts = [contact for contact in resolve_contacts(people, now=now()) if contact]
    record_consents(contacts, modality="text", purpose="service", decision="given", source="test", now=now())
    return {"token": issue_token(ada, name="crash", scopes=[Scope.MESSAGES_WRITE], now=now())[1]}


def pending() -> dict[str, Any]:
    """Count the messages that nobody has read yet."""
    from unspoken.conversations.models import Message

    return {"pending": Message.objects.filter(reading_state="pending").count()}


def report() -> dict[str, Any]:
    """Say what is stored, and where the tables contradict each other."""
    from django.db.models import Count, F

    from unspoken.conversations.models import Conversation, Message
    from unspoken.journal.models import Entry
    from unspoken.journal.queries import first_broken_entry
    from unspoken.readings.models import ChannelBaseline, ContactBaseline, StoredReading

    received = Counter(Entry.objects.filter(kind="message.received").values_list("data__message_id", flat=True))
    conversations = Conversation.objects.annotate(found=Count("messages"))
    return {
        "messages": dict(Message.objects.values_list("external_id", "id")),
        "states": dict(Counter(Message.objects.values_list("reading_state", flat=True))),
        "pending_once": Entry.objects.filter(kind="message.received", data__reading_state="pending").count(),
        "readings": StoredReading.objects.count(),
        "in_contacts": sum(row.numbers["count"] for row in ContactBaseline.objects.all()),
        "in_channels": sum(row.numbers["count"] for row in ChannelBaseline.objects.all()),
        "recorded_other_than_once": [message for message, times in received.items() if times != 1],
        "recorded": len(received),
        "miscounted": list(conversations.exclude(found=F("message_count")).values_list("id", flat=True)),
        "broken_entry": first_broken_entry(),
    }


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps({"prepare": prepare, "pending": pending, "report": report}[sys.argv[1]]()))
