"""One conversation: what it shows, to whom, and what can be done there."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from unspoken.conversations.actions import mark_failed
from unspoken.conversations.models import CannedReply, Message, ReadingState, Sending
from unspoken.journal.models import Entry
from unspoken.kit.clock import now
from unspoken.readings.models import ConversationTrajectory, Correction

from .scene import Scene, say

SignIn = Callable[..., Client]
HTMX = {"HX-Request": "true"}


def page(client: Client, shop: Scene) -> str:
    return client.get(reverse("conversation", args=[shop.chat.pk])).content.decode()


def test_shows_the_words_that_carried_a_reading_and_what_it_reads_as(shop: Scene, as_: SignIn) -> None:
    html = page(as_(shop.who.ben), shop)
    assert "reads as <b>frustration</b> · 88 %, may be wrong" in html
    assert '<mark class="w4" title="carried frustration">' in html
    assert "by-hand 1" in html


def test_shows_the_curve_its_turning_points_and_their_causes(shop: Scene, as_: SignIn) -> None:
    html = page(as_(shop.who.ben), shop)
    assert "↘ worsening" in html
    assert "Turned for the worse" in html and "a promised time had passed" in html
    assert html.count('<circle class="seen"') == 4
    assert "4 of 4 from the customer" in html


def test_shows_the_flag_with_what_it_saw_and_what_would_have_made_it_none(shop: Scene, as_: SignIn) -> None:
    html = page(as_(shop.who.ben), shop)
    assert f'id="{shop.flag.pk}"' in html
    assert "Expressed frustration was 0.62 (at least 0.50)" in html
    assert "Had expressed frustration been below 0.50 (it was 0.62)." in html
    assert "Nobody has said yet whether this rule is right." in html


def test_says_why_a_message_was_not_read_or_that_it_is_not_read_yet(shop: Scene, as_: SignIn) -> None:
    first, second = (
        Message.objects.filter(conversation=shop.calm)[:1].get(),
        say(shop.calm, "customer", "ok", at=now(), name="Noor"),
    )
    first.readings.all().delete()
    Message.objects.filter(pk=first.pk).update(reading_state=ReadingState.ABSTAINED, reason="no_consent")
    Message.objects.filter(pk=second.pk).update(reading_state=ReadingState.PENDING)
    html = as_(shop.who.ben).get(reverse("conversation", args=[shop.calm.pk])).content.decode()
    assert "not read: no permission to read it when it came" in html
    assert "not analysed yet" in html


def test_hostile_words_stay_words(shop: Scene, as_: SignIn) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202eevil {{ settings.SECRET_KEY }} ' \" &lt;"
    message = say(shop.chat, "customer", evil, at=now(), name=evil)
    message.folded = {"quoted": evil, "signature": evil}
    message.save()
    shop.mina.name = shop.mina.title = evil
    shop.mina.preferences = {evil: [evil]}
    shop.mina.save()
    shop.chat.subject = evil[:300]
    shop.chat.save()
    client = as_(shop.who.ada)
    for name, key in (("conversation", shop.chat.pk), ("contact", shop.mina.pk), ("home", ""), ("flags", "")):
        html = client.get(reverse(name, args=[key] if key else [])).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html, name
        assert "<script>alert" not in html and "<img src=x" not in html, name


def test_a_very_long_message_is_cut_and_whole_behind_a_link(shop: Scene, as_: SignIn) -> None:
    message = say(shop.chat, "customer", "long " * 100_000, at=now(), name="Mina")
    client = as_(shop.who.ben)
    html = page(client, shop)
    assert len(html) < 200_000 and "480000 more characters" in html
    whole = client.get(reverse("message-text", args=[message.pk]))
    assert (whole["Content-Type"], len(whole.content)) == ("text/plain; charset=utf-8", 500_000)


def test_private_notes_quotes_and_signatures_stand_apart(shop: Scene, as_: SignIn) -> None:
    message = say(shop.chat, "customer", "See below.", at=now(), name="Mina")
    Message.objects.filter(pk=message.pk).update(folded={"quoted": "On Monday you wrote", "signature": "Mina"})
    client = as_(shop.who.ben)
    client.post(reverse("conversation-write", args=[shop.chat.pk]), {"as": "note", "text": "She is right."})
    html = page(client, shop)
    assert "Quoted text, not read" in html and "Signature, not read" in html
    assert '<span class="chip note">Private note</span>' in html
    note = Message.objects.get(text="She is right.")
    assert (note.private, note.sending, note.reading_state) == (True, Sending.NONE, ReadingState.SKIPPED)


def addresses(shop: Scene) -> list[tuple[str, str, dict[str, str]]]:
    chat, reading = shop.chat.pk, shop.readings[0].pk
    return [
        ("get", reverse("conversation", args=[chat]), {}),
        *(("get", reverse("conversation-part", args=[chat, part]), {}) for part in ("head", "why", "thread", "side")),
        ("get", reverse("message-text", args=[shop.readings[0].message_id]), {}),
        ("get", reverse("reading", args=[reading]), {}),
        ("get", reverse("contact", args=[shop.mina.pk]), {}),
        ("get", reverse("contact-history", args=[shop.mina.pk]), {}),
        ("get", reverse("flag-announcement", args=[shop.flag.pk]), {}),
        ("post", reverse("conversation-write", args=[chat]), {"text": "hello", "as": "reply"}),
        ("post", reverse("conversation-write", args=[chat]), {"text": "hello", "as": "note"}),
        ("post", reverse("conversation-status", args=[chat]), {"status": "resolved"}),
        ("post", reverse("conversation-assign", args=[chat]), {"assignee": shop.who.cleo.pk}),
        ("post", reverse("conversation-labels", args=[chat]), {"labels": "mine"}),
        ("post", reverse("correct-reading", args=[reading]), {"cx": "delight"}),
        ("post", reverse("flag-decide", args=[shop.flag.pk]), {"status": "wrong"}),
        ("post", reverse("contact-change", args=[shop.mina.pk, "note"]), {"text": "hers"}),
    ]


def test_cleo_finds_nothing_that_is_bens_and_changes_nothing(shop: Scene, as_: SignIn) -> None:
    entries, client = Entry.objects.count(), as_(shop.who.cleo)
    for method, address, data in addresses(shop):
        answer = getattr(client, method)(address, data)
        assert (answer.status_code, address) == (404, address)
        assert "Mina" not in answer.content.decode()
    assert "Mina" not in client.get(reverse("home")).content.decode()
    assert "Mina" not in client.get(reverse("flags")).content.decode()
    assert Entry.objects.count() == entries


def test_an_analyst_sees_nobodys_words(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ana)
    assert {client.get(address).status_code for method, address, _ in addresses(shop) if method == "get"} == {404}
    assert "Nobody&#x27;s words are shown to analysts" in client.get("/").content.decode().replace("'", "&#x27;")


def test_an_answer_is_queued_once_however_often_the_button_is_pressed(shop: Scene, as_: SignIn) -> None:
    client, data = as_(shop.who.ben), {"as": "reply", "text": "On its way.", "token": "t1"}
    for _ in range(3):
        answer = client.post(reverse("conversation-write", args=[shop.chat.pk]), data)
        assert answer.status_code == 302
    assert Message.objects.filter(text="On its way.", sending=Sending.QUEUED, member=shop.who.ben).count() == 1


def test_an_empty_answer_is_refused_and_the_box_says_so(shop: Scene, as_: SignIn) -> None:
    before = Message.objects.count()
    answer = as_(shop.who.ben).post(
        reverse("conversation-write", args=[shop.chat.pk]), {"as": "reply", "text": "  "}, headers=HTMX
    )
    assert "The reply is empty, so nothing was sent." in answer.content.decode()
    assert Message.objects.count() == before


def test_to_htmx_an_answer_returns_the_box_and_the_thread_beside_it(shop: Scene, as_: SignIn) -> None:
    answer = as_(shop.who.ben).post(
        reverse("conversation-write", args=[shop.chat.pk]), {"as": "reply", "text": "On its way."}, headers=HTMX
    )
    html = answer.content.decode()
    assert html.lstrip().startswith('<form class="composer"') and 'id="thread" hx-swap-oob="innerHTML"' in html
    assert "On its way." in html and "Your answer is on its way." in html
    assert "<html" not in html


def test_a_canned_reply_fills_the_box_without_a_script(shop: Scene, as_: SignIn) -> None:
    canned = CannedReply.objects.create(title="Hello", text="Hello {contact_name}, {agent_name} here.")
    address = reverse("conversation", args=[shop.chat.pk])
    html = as_(shop.who.ben).get(f"{address}?canned={canned.pk}").content.decode()
    assert ">Hello Mina Okafor, Ben here.</textarea>" in html


@pytest.mark.parametrize("status", ["resolved", "waiting", "open"])
def test_sets_the_status(shop: Scene, as_: SignIn, status: str) -> None:
    as_(shop.who.ben).post(reverse("conversation-status", args=[shop.chat.pk]), {"status": status})
    shop.chat.refresh_from_db()
    assert shop.chat.status == status


def test_snoozes_for_as_long_as_was_asked(shop: Scene, as_: SignIn) -> None:
    as_(shop.who.ben).post(reverse("conversation-status", args=[shop.chat.pk]), {"status": "snoozed", "hours": "4"})
    shop.chat.refresh_from_db()
    assert shop.chat.snoozed_until is not None
    assert abs(shop.chat.snoozed_until - now() - timedelta(hours=4)) < timedelta(seconds=30)


@pytest.mark.parametrize("data", [{"status": "gone"}, {"status": "snoozed", "hours": "99999999999999"}, {}])
def test_a_status_that_does_not_exist_changes_nothing(shop: Scene, as_: SignIn, data: dict[str, str]) -> None:
    client, address = as_(shop.who.ben), reverse("conversation-status", args=[shop.chat.pk])
    answer = client.post(address, data, follow=True)
    shop.chat.refresh_from_db()
    assert (answer.status_code, shop.chat.status) == (200, "open")
    assert "message-line error" in answer.content.decode()


def test_assigns_and_labels(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    client.post(reverse("conversation-assign", args=[shop.chat.pk]), {"assignee": shop.who.lea.pk})
    client.post(reverse("conversation-labels", args=[shop.chat.pk]), {"labels": " refund, drip tray ,"})
    shop.chat.refresh_from_db()
    assert shop.chat.assignee == shop.who.lea
    assert sorted(shop.chat.labels.values_list("name", flat=True)) == ["drip tray", "refund"]


def test_whoever_cannot_see_it_cannot_be_given_it(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    answer = client.post(
        reverse("conversation-assign", args=[shop.chat.pk]), {"assignee": shop.who.cleo.pk}, follow=True
    )
    shop.chat.refresh_from_db()
    assert shop.chat.assignee is None
    assert "Cleo cannot look after this conversation" in answer.content.decode()


def test_moves_to_another_team_out_of_ones_own_sight(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    answer = client.post(reverse("conversation-move", args=[shop.chat.pk]), {"team": shop.who.press.pk})
    assert (answer["Location"], client.get(reverse("conversation", args=[shop.chat.pk])).status_code) == ("/", 404)
    assert "Mina Okafor" in as_(shop.who.cleo).get("/").content.decode()


def test_an_answer_that_could_not_be_sent_says_why_and_can_be_sent_again(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    client.post(reverse("conversation-write", args=[shop.chat.pk]), {"as": "reply", "text": "On its way."})
    message = Message.objects.get(text="On its way.")
    mark_failed(message, error="The mail server refused it.", now=now())
    assert "could not be sent: The mail server refused it." in page(client, shop)
    assert as_(shop.who.cleo).post(reverse("message-send-again", args=[message.pk])).status_code == 404
    client.post(reverse("message-send-again", args=[message.pk]))
    message.refresh_from_db()
    assert (message.sending, message.sending_error) == (Sending.QUEUED, "")


def test_a_correction_changes_the_line_and_the_curve(shop: Scene, as_: SignIn) -> None:
    client, reading = as_(shop.who.ben), shop.readings[-1]
    before = ConversationTrajectory.objects.get(conversation=shop.chat)
    answer = client.post(
        reverse("correct-reading", args=[reading.pk]), {"cx": "delight", "note": "irony"}, headers=HTMX
    )
    html = answer.content.decode()
    after = ConversationTrajectory.objects.get(conversation=shop.chat)
    assert 'reads as <b>delight</b> <span class="corrected">said by Ben</span>' in html
    assert 'hx-swap-oob="innerHTML"' in html and html.count('class="seen corrected"') == 1
    assert "The message now counts as delight; the conversation reads as" in html
    assert after.level > before.level
    assert Correction.objects.get().note == "irony"


def test_a_word_outside_the_vocabulary_corrects_nothing(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    answer = client.post(reverse("correct-reading", args=[shop.readings[0].pk]), {"cx": "true love"}, follow=True)
    assert "is not a word for what is expressed" in answer.content.decode()
    assert not Correction.objects.exists()


def test_the_parts_refresh_alone(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.ben)
    for part, words in (
        ("head", "Missing drip tray"),
        ("why", "worsening"),
        ("thread", "may be wrong"),
        ("side", "Orders"),
    ):
        html = client.get(reverse("conversation-part", args=[shop.chat.pk, part])).content.decode()
        assert words in html and "<html" not in html, part
    assert client.get(reverse("conversation-part", args=[shop.chat.pk, "else"])).status_code == 404


def test_a_privacy_officer_reads_and_corrects_but_answers_nothing(shop: Scene, as_: SignIn) -> None:
    client = as_(shop.who.pia)
    html = page(client, shop)
    assert "wrong?" in html and 'id="reply"' not in html
    refused = client.post(reverse("conversation-write", args=[shop.chat.pk]), {"as": "reply", "text": "hello"})
    assert (refused.status_code, Message.objects.filter(text="hello").exists()) == (403, False)
    assert "Pia may not reply" in refused.content.decode()
