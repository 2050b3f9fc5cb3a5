"""`python -m tests.journeys.stage`: a fresh installation with Ada, Ben, Cleo, Mina and a token, printed as JSON."""

import json
import sys

import django


def main() -> None:
    """Make the installation in UNSPOKEN_DATA."""
    django.setup()
    from tests.calls.ledger import SETTINGS
    from unspoken.commands.serve import prepare_database
    from unspoken.conversations.actions import create_inbox, save_canned_reply
    from unspoken.kit.clock import now
    from unspoken.people.actions import add_identity, create_contact
    from unspoken.people.models import Channel, IdentityKind
    from unspoken.privacy.actions import record_consent
    from unspoken.staff.actions import issue_token
    from unspoken.staff.models import Scope
    from unspoken.staff.tests.cast import members

    prepare_database()
    moment, who = now(), members()
    for member in (who.ada, who.ben, who.cleo, who.ana):
        member.set_password("correct horse battery")
        member.save()
    create_inbox("Website chat", channel=Channel.CHAT, team=who.care, now=moment)
    line = create_inbox(
        "Telephone", channel=Channel.CALL, team=who.care, connector="pcm", settings=SETTINGS["pcm"], now=moment
    )
    save_canned_reply(title="Greeting", text="Hello {contact_name}, this is {agent_name}.", now=moment)
    mina = create_contact(name="Mina Okafor", now=moment, owner=who.ben)
    add_identity(mina, kind=IdentityKind.CHAT, handle="mina", now=moment)
    add_identity(mina, kind=IdentityKind.EMAIL, handle="caller0@example.org", now=moment)
    for modality in ("text", "voice"):
        record_consent(mina, modality=modality, purpose="service", decision="given", source="web form", now=moment)
    _, secret = issue_token(who.ada, name="shop", scopes=[Scope.MESSAGES_WRITE], now=moment)
    sys.stdout.write(json.dumps({"token": secret, "mina": mina.pk, "inboxes": {"pcm": line.pk}}))


if __name__ == "__main__":
    main()
