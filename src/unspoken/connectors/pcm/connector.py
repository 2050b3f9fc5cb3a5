"""Our own plain protocol as a connector."""

from unspoken.connectors.base import Delivery
from unspoken.connectors.callers import check_key
from unspoken.connectors.calls_in import CallsOnly
from unspoken.conversations.models import Inbox

from .settings_form import PcmSettingsForm
from .talk import PlainStream


class PcmConnector(CallsOnly):
    """Hears calls from any program that can open a WebSocket."""

    name = "pcm"
    title = "Calls from your own system"
    settings_form = PcmSettingsForm

    def admit(self, upgrade: Delivery, inbox: Inbox) -> PlainStream:
        """Return the talk of a new stream; raises SignatureError."""
        check_key(upgrade, inbox.settings.get("key"))
        return PlainStream(inbox.settings)


connector = PcmConnector()
