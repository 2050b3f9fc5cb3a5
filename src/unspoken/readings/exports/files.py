"""A conversation as a file that somebody else can read."""

import json
from dataclasses import dataclass
from enum import StrEnum

from unspoken.conversations.models import Conversation

from .contact_lens import as_contact_lens
from .emotionml import as_emotionml
from .told import told_of


class Format(StrEnum):
    """The formats in which a conversation can leave; `contact-lens` is for calls."""

    CONTACT_LENS = "contact-lens"
    EMOTIONML = "emotionml"


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way out."""

    name: str
    content_type: str
    body: bytes


def file_of(conversation: Conversation, form: Format, *, address: str) -> File:
    """Return a conversation as a file of `form`; address: URI of its page. Raises NotACall for `contact-lens`."""
    told = told_of(conversation)
    if form == Format.CONTACT_LENS:
        body = json.dumps(as_contact_lens(told), ensure_ascii=False, indent=1)
        return File(f"{conversation.id}.contact-lens.json", "application/json", body.encode())
    text = as_emotionml(told, address=address)
    return File(f"{conversation.id}.emotionml", "application/emotionml+xml", text.encode())
