"""Genesys AudioHook as a connector."""

from unspoken.connectors.base import Delivery
from unspoken.connectors.calls_in import CallsOnly
from unspoken.conversations.models import Inbox

from . import authentication
from .settings_form import AudioHookSettingsForm
from .talk import Session


class AudioHookConnector(CallsOnly):
    """Hears calls of Genesys Cloud; tells it nothing but when to pause and when to stop."""

    name = "audiohook"
    title = "Genesys Cloud calls (AudioHook)"
    settings_form = AudioHookSettingsForm

    def admit(self, upgrade: Delivery, inbox: Inbox) -> Session:
        """Return the talk of a new session; raises SignatureError."""
        authentication.check(upgrade, inbox.settings)
        session, organisation = (upgrade.headers[f"audiohook-{name}-id"] for name in ("session", "organization"))
        return Session(inbox.settings, session=session, organisation=organisation)


connector = AudioHookConnector()
