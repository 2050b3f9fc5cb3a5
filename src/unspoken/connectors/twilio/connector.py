"""Twilio Media Streams as a connector."""

from unspoken.connectors.base import Delivery
from unspoken.connectors.calls_in import CallsOnly
from unspoken.conversations.models import Inbox

from . import signature
from .settings_form import TwilioSettingsForm
from .talk import MediaStream


class TwilioConnector(CallsOnly):
    """Hears calls through a Media Stream; says nothing on them."""

    name = "twilio"
    title = "Twilio and Telnyx calls"
    settings_form = TwilioSettingsForm

    def admit(self, upgrade: Delivery, inbox: Inbox) -> MediaStream:
        """Return the talk of a new stream; raises SignatureError."""
        signature.check(upgrade, inbox.settings)
        return MediaStream(inbox.settings)


connector = TwilioConnector()
