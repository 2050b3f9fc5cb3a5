import pytest

from unspoken.people.actions.resolve import Known, resolve_contacts
from unspoken.people.models import Contact

from .fake import START, consents


@pytest.fixture
def mina(db: None) -> Contact:
    """Mina, who permits that her words are read."""
    [contact_id] = resolve_contacts([Known((("email", "mina@example.org"),), "Mina")], now=START)
    contact = Contact.objects.get(id=contact_id)
    consents(contact)
    return contact
