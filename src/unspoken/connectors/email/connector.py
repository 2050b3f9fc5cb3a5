"""E-mail as a connector."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from unspoken.connectors.base import Delivery, Fetched, Parsed, SendError, SignatureError
from unspoken.conversations.models import Inbox, Message
from unspoken.people.models import Channel

from . import imap
from .connecting import trouble_fetching
from .settings_form import EmailSettingsForm
from .smtp import hand_over, trouble_sending
from .writing import mail_of, message_id


class EmailConnector:
    """Looks into a mailbox by IMAP and answers by SMTP."""

    name = "email"
    title = "E-mail"
    channel = Channel.EMAIL
    settings_form = EmailSettingsForm

    def verify(self, delivery: Delivery, inbox: Inbox) -> None:
        """Refuse: mails are fetched, nobody delivers them here."""
        raise SignatureError("E-mail takes no deliveries by web; mails are fetched from their mailbox.")

    def parse(self, delivery: Delivery, inbox: Inbox) -> Parsed:
        """Return nothing: see `verify`."""
        return Parsed(ignored=("E-mail takes no deliveries by web.",))

    def poll(self, inbox: Inbox, state: Mapping[str, Any], *, now: datetime) -> Iterator[Fetched]:
        """Yield what is new in the mailbox."""
        return imap.poll(inbox, state, now=now)

    def send(self, message: Message, inbox: Inbox) -> str:
        """Send an answer; return its message id."""
        try:
            mail = mail_of(message, inbox)
        except (ValueError, IndexError, LookupError) as error:
            raise SendError(
                f"The answer cannot be written as a mail ({error}). Nothing was sent.", permanent=True
            ) from error
        hand_over(mail, inbox.settings)
        return message_id(message, inbox)

    def was_sent(self, message: Message, inbox: Inbox) -> str:
        """Raise SendError: SMTP cannot be asked afterwards."""
        raise SendError(
            "Unspoken stopped while this answer was being sent, so it may have left. Look whether the customer has it "
            "before you send it again; sent again, it carries the same id, and most mailboxes show it once.",
            permanent=True,
            uncertain=True,
        )

    def probe(self, settings: Mapping[str, Any]) -> list[str]:
        """Sign in at both servers."""
        return [problem for problem in (trouble_fetching(settings), trouble_sending(settings)) if problem]


connector = EmailConnector()
