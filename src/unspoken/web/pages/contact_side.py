"""The contact beside a conversation: one sentence with its evidence, orders, earlier conversations, permissions."""

from typing import Any

from unspoken.affect.turning import ordinal
from unspoken.conversations.models import Conversation
from unspoken.conversations.queries import visible_conversations
from unspoken.kit.clock import now
from unspoken.privacy.queries import current_consents
from unspoken.readings.models import ConversationTrajectory
from unspoken.readings.queries import contact_sentence, same_thing_before
from unspoken.staff.models import Member

from ..showing.sentences import pieces

EARLIER = 6
ORDERS = 4


def side_of(found: Conversation, member: Member, *, trajectory: ConversationTrajectory | None = None) -> dict[str, Any]:
    """Return what stands beside a conversation; only what `member` may see. trajectory: where it is at hand."""
    contact = found.contact
    if contact is None:
        return {"contact": None}
    moment = now()
    same = same_thing_before(found, now=moment, trajectory=trajectory)
    others = visible_conversations(member).filter(contact=contact).exclude(pk=found.pk)
    return {
        "contact": contact,
        "pieces": pieces(contact_sentence(contact.pk, moment)),
        "orders": contact.orders.order_by("-placed_at")[:ORDERS],
        "earlier_conversations": others.order_by("-last_message_at", "-pk")[:EARLIER],
        "same_thing": visible_conversations(member).filter(pk__in=same).order_by("opened_at") if same else [],
        "same_thing_ordinal": ordinal(len(same) + 1),
        "consents": current_consents(contact.pk),
    }
