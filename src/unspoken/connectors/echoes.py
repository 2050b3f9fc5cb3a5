"""Our own answers coming back: a system that we answer through tells us of them as of any other message."""

from unspoken.conversations.models import Author
from unspoken.intake.inbound import Inbound

from .models import Dispatch, Outcome


def is_echo(inbound: Inbound) -> bool:
    """Tell whether a message from outside is an answer that was sent from here, and so is stored already.

    It may come back before the other system has told us its id of it; then it is known by its words.
    """
    if inbound.author not in {Author.AGENT, Author.BOT} or inbound.private:
        return False
    sent = Dispatch.objects.filter(
        message__conversation__source=inbound.source, message__conversation__external_id=inbound.conversation_id
    )
    if sent.filter(remote_id=inbound.external_id).exists():
        return True
    under_way = sent.filter(outcome=Outcome.STARTED).values_list("message__text", flat=True)
    return any(_words(text) == _words(inbound.text) for text in under_way)


def _words(text: str) -> list[str]:
    return text.split()
