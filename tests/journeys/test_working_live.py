"""Pages that move by themselves: they follow along, disturb nobody, and tell nobody what is not theirs."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import Visit
from .house import House

pytestmark = pytest.mark.journey


def test_an_open_page_follows_along_and_keeps_what_is_half_written(house: House, visit: Visit) -> None:
    conversation = house.say("Good morning, one question about the grinder.", conversation="chat-2")
    page = visit("ben")
    page.goto(f"/conversations/{conversation}")
    box = page.get_by_label("Text", exact=True)
    box.fill("Dear Mina, about the gri")
    expect(page.locator("#thread article")).to_have_count(1)

    house.say("It squeaks when it starts.", conversation="chat-2")

    expect(page.locator("#thread article")).to_have_count(2, timeout=5000)
    expect(box).to_have_value("Dear Mina, about the gri")
    expect(box).to_be_focused()


def test_what_is_unfolded_stays_so_and_what_is_chosen_is_not_lost(house: House, visit: Visit) -> None:
    conversation = house.say("The grinder is dreadful.", conversation="chat-6")
    page = visit("ben")
    page.goto(f"/conversations/{conversation}")
    first = page.locator("#thread article").first
    first.get_by_text("why?").click()
    page.get_by_label("Text", exact=True).focus()
    house.say("Are you there?", conversation="chat-6")
    expect(page.locator("#thread article")).to_have_count(2, timeout=5000)
    expect(first.get_by_text("on a scale from")).to_be_visible()

    first.get_by_text("wrong?").click()
    first.get_by_role("radio", name="surprise").check()
    house.say("Hello?", conversation="chat-6")
    page.wait_for_timeout(1500)
    expect(first.get_by_role("radio", name="surprise")).to_be_checked()
    first.get_by_role("button", name="It reads as this").click()
    expect(first.locator(".reading")).to_contain_text("reads as surprise said by Ben")
    expect(page.locator("#thread article")).to_have_count(3)


def test_a_narrowed_list_stays_narrowed(house: House, visit: Visit) -> None:
    house.say("Hello", conversation="chat-7")
    page = visit("ben")
    page.get_by_label("Whose").select_option("me")
    expect(page.get_by_role("heading", name="Nothing here matches")).to_be_visible()
    house.say("Hello again", conversation="chat-8")
    page.wait_for_timeout(1500)
    expect(page.get_by_role("heading", name="Nothing here matches")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Mina Okafor").first).to_be_visible()


def test_an_answer_is_not_lost_while_the_server_is_away(house: House, visit: Visit) -> None:
    conversation = house.say("Hello?", conversation="chat-9")
    page = visit("ben", complains=True)
    page.goto(f"/conversations/{conversation}")
    page.route("**/write", lambda route: route.abort())
    page.get_by_label("Text", exact=True).fill("I am here.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#announcements")).to_contain_text("The server cannot be reached.")
    expect(page.get_by_label("Text", exact=True)).to_have_value("I am here.")
    page.unroute("**/write")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#thread")).to_contain_text("I am here.")


def test_a_canned_reply_goes_into_the_box_with_the_names_filled_in(house: House, visit: Visit) -> None:
    conversation = house.say("Hello?", conversation="chat-3")
    page = visit("ben")
    page.goto(f"/conversations/{conversation}")
    page.get_by_text("Canned replies").click()
    page.get_by_role("link", name=re.compile("Greeting")).click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Hello Mina Okafor, this is Ben.")


def test_cleo_hears_nothing_of_what_is_bens(house: House, visit: Visit) -> None:
    cleo = visit("cleo")
    conversation = house.say("I want to speak to a manager!", conversation="chat-4")
    ben = visit("ben")
    expect(ben.get_by_role("link", name="Mina Okafor").first).to_be_visible()

    cleo.wait_for_timeout(1500)
    expect(cleo.get_by_role("heading", name="Nothing needs you right now")).to_be_visible()
    expect(cleo.locator("#announcements")).to_be_empty()
    answer = cleo.request.get(f"/conversations/{conversation}")
    assert answer.status == 404
    assert "Mina" not in answer.text()


def test_contacts_are_found_as_you_type(house: House, visit: Visit) -> None:
    house.say("Hello", conversation="chat-5")
    page = visit("ben")
    page.goto("/contacts")
    page.get_by_role("searchbox").press_sequentially("okaf")
    expect(page.locator("#found").get_by_role("link", name="Mina Okafor")).to_be_visible()
    page.get_by_role("searchbox").fill("nobody like this")
    expect(page.get_by_role("heading", name="Nobody found")).to_be_visible()
