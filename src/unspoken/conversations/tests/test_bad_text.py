"""What a database could not store is refused with the field's name, by every action that takes words from a person."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from unspoken.conversations.actions import add_private_note, create_inbox, reply, save_canned_reply, set_labels
from unspoken.conversations.models import CannedReply, Inbox, Label, Message
from unspoken.people.models import Channel
from unspoken.staff.actions import create_member, create_team, issue_token, rename_member
from unspoken.staff.models import ApiToken, Member, Team
from unspoken.staff.tests.cast import MORNING, members

from .talk import conversation

pytestmark = pytest.mark.django_db
MODELS = (Message, Label, CannedReply, Inbox, Member, Team, ApiToken)


@pytest.mark.parametrize("bad", ["a\x00b", "half \ud83d"])
def test_text_that_cannot_be_stored_is_refused_everywhere(bad: str) -> None:
    cast, chat = members(), conversation()
    before = [list(model.objects.order_by("pk").values()) for model in MODELS]
    attempts: list[Callable[[], object]] = [
        lambda: reply(chat, text=bad, by=cast.ben, now=MORNING),
        lambda: add_private_note(chat, text=bad, by=cast.ben, now=MORNING),
        lambda: set_labels(chat, labels=[bad], by=cast.ben, now=MORNING),
        lambda: save_canned_reply(title=bad, text="x", by=cast.ada, now=MORNING),
        lambda: create_inbox(bad, channel=Channel.CHAT, by=cast.ada, now=MORNING),
        lambda: create_member(f"{bad}@example.org", name="x", by=cast.ada, now=MORNING),
        lambda: create_member("x@example.org", name=bad, by=cast.ada, now=MORNING),
        lambda: rename_member(cast.ben, name=bad, by=cast.ada, now=MORNING),
        lambda: create_team(bad, by=cast.ada, now=MORNING),
        lambda: issue_token(cast.ben, name=bad, scopes=["webhooks"], by=cast.ada, now=MORNING),
    ]
    for attempt in attempts:
        with pytest.raises(ValidationError, match="cannot be stored"):
            attempt()
    assert [list(model.objects.order_by("pk").values()) for model in MODELS] == before


def test_names_that_are_too_long_are_refused() -> None:
    cast, long = members(), "x" * 121
    attempts: list[Callable[[], object]] = [
        lambda: create_member("x@example.org", name=long, now=MORNING),
        lambda: create_team(long, now=MORNING),
        lambda: create_inbox(long, channel=Channel.CHAT, now=MORNING),
        lambda: save_canned_reply(title=long, text="x", now=MORNING),
        lambda: issue_token(cast.ben, name=long, scopes=["webhooks"], now=MORNING),
    ]
    for attempt in attempts:
        with pytest.raises(ValidationError, match="at most 120 characters"):
            attempt()
    assert (Team.objects.count(), Inbox.objects.count(), ApiToken.objects.count()) == (2, 0, 0)
