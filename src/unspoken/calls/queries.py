"""What is known of calls."""

from unspoken.conversations.models import Conversation
from unspoken.people.models import Channel

from .models import Call


def call_of(conversation: Conversation) -> Call | None:
    """Return what is known of a call beside its messages, or None."""
    if conversation.channel != Channel.CALL:
        return None
    call = Call.objects.filter(conversation=conversation).first()
    if call is not None:
        call.conversation = conversation
    return call
