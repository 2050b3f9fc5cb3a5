"""What the page of a call says of its recordings: `{% load recordings %}`."""

from django import template

from unspoken.conversations.models import Conversation
from unspoken.kit.clock import now

from ..showing.recordings import Brought, brought

register = template.Library()


@register.simple_tag
def recordings_of(conversation: Conversation) -> Brought:
    """Return what became of the newest recording of a call, and whether one may be brought."""
    return brought(conversation, now=now())
