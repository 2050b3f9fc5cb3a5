"""Chatwoot as a connector."""

from collections.abc import Mapping
from typing import Any

from unspoken.connectors.base import Delivery, Parsed, PayloadError
from unspoken.conversations.models import Inbox, Message
from unspoken.kit.outside_json import parsed as parsed_json
from unspoken.people.models import Channel

from . import signature
from .api import find_message, post_message, trouble_asking
from .conversion import parsed
from .settings_form import ChatwootSettingsForm


class ChatwootConnector:
    """Hears of messages by webhook and answers through the API."""

    name = "chatwoot"
    title = "Chatwoot"
    channel = Channel.CHAT
    settings_form = ChatwootSettingsForm

    def verify(self, delivery: Delivery, inbox: Inbox) -> None:
        """Raise SignatureError unless it is signed with the inbox's secret, or carries its key."""
        signature.check(delivery, inbox.settings)

    def parse(self, delivery: Delivery, inbox: Inbox) -> Parsed:
        """Return the message that an event tells of."""
        try:
            said = parsed_json(delivery.body)
        except ValueError as error:
            raise PayloadError("It is no JSON.") from error
        if not isinstance(said, dict):
            raise PayloadError("It is no JSON object.")
        return parsed(said, inbox, at=delivery.at)

    def send(self, message: Message, inbox: Inbox) -> str:
        """Post an answer into its conversation; return Chatwoot's id of it."""
        return post_message(message, inbox.settings)

    def was_sent(self, message: Message, inbox: Inbox) -> str:
        """Look whether an answer arrived."""
        return find_message(message, inbox.settings)

    def probe(self, settings: Mapping[str, Any]) -> list[str]:
        """Ask whose token it is."""
        trouble = trouble_asking(settings)
        return [trouble] if trouble else []


connector = ChatwootConnector()
