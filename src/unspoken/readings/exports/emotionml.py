"""A conversation as EmotionML 1.0: one `<emotion>` per reading, and one per window of a voice. No words of anybody."""

from dataclasses import replace

from unspoken.affect.emotionml import Document, Expressed
from unspoken.affect.reading import Producer

from ..models import ToneReading
from .told import Said, Told


def as_emotionml(told: Told, *, address: str) -> str:
    """Return the document; address: URI of the conversation, where messages are fragments and a call is the medium."""
    read = [one for one in told.said if one.read]
    heard = [row for row in told.tones if not row.reason]
    counts = {
        "messages": len(told.said), "readings": len(read), "windows": len(told.tones), "windows-told": len(heard),
        "corrected": sum(bool(one.read and one.read.correction) for one in read),
    }  # fmt: skip
    about = {"conversation": told.conversation.id, "channel": str(told.conversation.channel)}
    about |= {name: str(count) for name, count in counts.items()}
    document = Document(about=about)
    for one in read:
        _add_words(document, one, address)
    for row in heard:
        _add_voice(document, row, told, address)
    return document.text()


def _add_words(document: Document, one: Said, address: str) -> None:
    if one.read is None:
        return
    stored, at = one.read.stored, one.at.timestamp() if one.at else None
    how = Expressed(through="text", at=at, reference=f"{address}#{one.message.id}", id=stored.id)
    if one.begins is not None and one.ends is not None:
        until = None if at is None else at + one.ends - one.begins
        how = replace(how, until=until, begins=one.begins, ends=one.ends, medium=address)
    model = Producer(stored.model, stored.model_version, stored.model_sha256)
    document.add_reading(one.read.reading, how, instead_of=model if one.read.correction else None)


def _add_voice(document: Document, row: ToneReading, told: Told, address: str) -> None:
    began = told.began.timestamp() if told.began else None
    how = Expressed(
        through="voice", at=None if began is None else began + row.begins,
        until=None if began is None else began + row.ends, begins=row.begins, ends=row.ends, medium=address,
        id=f"tone_{row.pk}",
    )  # fmt: skip
    document.add_tone(row.scales, Producer(row.model, row.model_version, row.model_sha256), how)
