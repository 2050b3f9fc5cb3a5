"""Who wrote: from the words, names and addresses in files to authors and customers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from unspoken.conversations.models import Author
from unspoken.intake.inbound import Handle
from unspoken.people.models import IdentityKind

from .pieces import Refused

_WORDS: Mapping[Author, str] = {
    Author.CUSTOMER: "customer user client caller visitor contact enduser requester reviewer consumer guest patient "
    "passenger buyer member shopper incoming inbound received lead",
    Author.AGENT: "agent support staff operator representative rep advisor adviser employee admin human outgoing "
    "outbound sent company brand csr teammate owner",
    Author.BOT: "bot assistant chatbot virtualagent ai ivr autoresponder",
    Author.SYSTEM: "system action event trigger automation activity notification workflow",
}
ROLES: Mapping[str, Author] = {word: author for author, words in _WORDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is known of a file beside its words.

    name: of the file; saved_at: stands in where a file tells no time; zone: of times that name none; ours: addresses
    and names of our own side; customers: names of customers, with the handle that was given for each, if any
    (all keys and names folded).
    """

    source: str
    name: str
    saved_at: datetime
    zone: tzinfo
    inbox: str = ""
    ours: frozenset[str] = frozenset()
    customers: Mapping[str, Handle | None] = field(default_factory=dict)

    def author_of(self, written: str, *, email: str = "") -> Author:
        """Return who wrote, by a role, name or address (as written), or by the sender's address.

        Raises Refused for somebody unknown: nobody is taken for a customer by mistake.
        """
        names = {folded(written), folded(email)} - {""}
        if names & self.ours:
            return Author.AGENT
        if names & self.customers.keys():
            return Author.CUSTOMER
        role = ROLES.get("".join(letter for letter in folded(written) if letter.isalnum()))
        if role:
            return role
        if not written.strip() or (email and folded(written) == folded(email)):
            return Author.CUSTOMER
        if self.customers:
            return Author.AGENT
        raise Refused(
            "author",
            f"{written[:60]!r} is none of customer, agent, bot, system; name your own side with --ours, "
            "or the customer with --customer.",
        )


def folded(name: str) -> str:
    """Return a name or address as it is compared."""
    return " ".join(name.casefold().split())


def handle_from(written: str) -> Handle | None:
    """Return the e-mail address or phone number in `written`, or None."""
    written = written.strip()
    if "@" in written[1:-1]:
        return Handle(kind=IdentityKind.EMAIL, value=written)
    if sum(letter.isdigit() for letter in written) >= 6:
        return Handle(kind=IdentityKind.PHONE, value=written)
    return None


def named_customers(written: Iterable[str]) -> dict[str, Handle | None]:
    """Return customers by folded name: `Mina Okafor`, or with a handle `Mina Okafor <mina@example.org>`."""
    found: dict[str, Handle | None] = {}
    for one in written:
        name, bracket, rest = one.partition("<")
        handle = handle_from(rest.rstrip("> ")) if bracket else handle_from(one)
        found[folded(name)] = handle
    return found
