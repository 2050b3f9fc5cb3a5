from datetime import timedelta

from unspoken.conversations.models import Conversation, Message
from unspoken.intake.pipeline import Pipeline
from unspoken.journal.models import Entry
from unspoken.people.models import Contact
from unspoken.readings.models import ConversationTrajectory, StoredReading

from .fake import START, read, said

NOW = START + timedelta(hours=1)


def test_stores_and_reads_a_message_in_one_go(mina: Contact) -> None:
    [receipt] = Pipeline(read).receive([said("this is terrible", 1)], now=NOW)
    message = Message.objects.get()
    assert (receipt.status, receipt.message_id, receipt.reading_state) == ("stored", message.id, "read")
    reading = StoredReading.objects.get()
    assert (reading.message_id, reading.contact_id, reading.valence) == (message.id, mina.id, -0.8)
    conversation = Conversation.objects.get()
    assert conversation.contact_id == mina.id
    assert conversation.waiting_since == START
    assert ConversationTrajectory.objects.get().conversation_id == conversation.id
    assert Entry.objects.filter(kind="message.received").count() == 1
