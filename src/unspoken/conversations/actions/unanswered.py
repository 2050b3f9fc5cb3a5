"""Since when the customer has been waiting for us."""

from datetime import datetime

from ..models import Author, Conversation, Sending


def unanswered_since(conversation: Conversation) -> datetime | None:
    """Return when the first customer message after our last answer came, or None when nothing is unanswered."""
    said = conversation.messages.filter(private=False)
    answers = said.filter(author_kind__in=[Author.AGENT, Author.BOT]).exclude(sending=Sending.FAILED)
    answered = answers.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
    asked = said.filter(author_kind=Author.CUSTOMER)
    if answered is not None:
        asked = asked.filter(occurred_at__gt=answered)
    return asked.order_by("occurred_at").values_list("occurred_at", flat=True).first()
