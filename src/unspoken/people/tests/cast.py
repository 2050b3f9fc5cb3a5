"""The contacts of every test: Mina consented to everything, Noor to text only, Otto withdrew."""

from dataclasses import dataclass
from datetime import timedelta

from unspoken.people.actions import add_identity, create_contact
from unspoken.people.models import Contact, IdentityKind
from unspoken.staff.tests.cast import MORNING

EARLIER = MORNING - timedelta(days=30)


@dataclass(frozen=True)
class Contacts:
    """Three contacts, each with an e-mail address; Mina also with a phone and a chat handle."""

    mina: Contact
    noor: Contact
    otto: Contact


def contacts() -> Contacts:
    """Make the three, without consents: `privacy.tests.cast` adds those."""
    mina = create_contact(name="Mina Okafor", organisation="Café Lumen", city="Bristol", country="GB", now=EARLIER)
    add_identity(mina, kind=IdentityKind.EMAIL, handle="Mina@Lumen.example", now=EARLIER)
    add_identity(mina, kind=IdentityKind.PHONE, handle="+44 7700 900101", now=EARLIER)
    add_identity(mina, kind=IdentityKind.CHAT, handle="mina.okafor", now=EARLIER)
    noor = create_contact(name="Noor Haddad", now=EARLIER)
    add_identity(noor, kind=IdentityKind.EMAIL, handle="noor@example.net", now=EARLIER)
    otto = create_contact(name="Otto Brandt", now=EARLIER)
    add_identity(otto, kind=IdentityKind.EMAIL, handle="otto@example.com", now=EARLIER)
    return Contacts(mina, noor, otto)
