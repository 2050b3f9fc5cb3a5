"""What find-as-you-type looks through: `Contact.search`, one folded line per contact.

It holds the name, the handles, the organisation and the order numbers, each word after a blank, so that the beginning
of a word is found as " mi". Every action that changes one of these calls `refresh_search`.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable

from .models import Contact, Identity, IdentityKind, Order


def folded(text: str) -> str:
    """Return `text` as it is searched: no case, no accents, single blanks."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())


def search_line(texts: Iterable[str]) -> str:
    """Return the line that is searched for somebody known by `texts`; a phone number is found with or without its +."""
    return "".join(f" {text.removeprefix('+')}" for text in map(folded, texts) if text)


def words_of(query: str) -> list[str]:
    """Return the words of what was typed, folded; a phone number however written becomes one word of its digits."""
    line = folded(query)
    digits = [letter for letter in line if letter.isdigit()]
    if len(digits) >= 4 and not line.strip("0123456789+-()/. "):
        return ["".join(digits).lstrip("0") or "0"]
    return line.split()


def refresh_search(contact_ids: Collection[str]) -> None:
    """Bring `Contact.search` up to date for these contacts: four queries, however many they are."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for contact_id, kind, handle in Identity.objects.filter(contact__in=contact_ids).values_list(
        "contact_id", "kind", "handle"
    ):
        texts[contact_id].append(handle.partition(":")[2] if kind == IdentityKind.EXTERNAL else handle)
    for contact_id, number in Order.objects.filter(contact__in=contact_ids).values_list("contact_id", "number"):
        texts[contact_id].append(number)
    changed = []
    for contact in Contact.objects.filter(pk__in=contact_ids).select_related("organisation"):
        organisation = contact.organisation.name if contact.organisation else ""
        line = search_line([contact.name, organisation, *sorted(texts[contact.pk])])
        if line != contact.search:
            contact.search = line
            changed.append(contact)
    Contact.objects.bulk_update(changed, ["search"], batch_size=500)
