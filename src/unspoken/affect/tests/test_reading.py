"""Readings and abstentions in words."""

from unspoken.affect.reading import Reason, why_unread


def test_every_reason_is_put_into_words() -> None:
    assert [reason for reason in Reason if why_unread(reason) == reason.replace("_", " ")] == []
    assert why_unread("later_reason") == "later reason"
    assert why_unread("") == "no reason was kept"
