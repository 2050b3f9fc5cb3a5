"""A newcomer's first quarter of an hour: a flag arrives by itself; see why; answer; disagree, and see it matter."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import Visit
from .house import House

pytestmark = pytest.mark.journey


def test_a_flag_arrives_is_understood_answered_and_disagreed_with(house: House, visit: Visit) -> None:
    page = visit("ben")
    expect(page.get_by_role("heading", name="Nothing needs you right now")).to_be_visible()

    conversation = house.say("Hello, my drip tray is missing. Could you send me one?", ago=3000)
    expect(page.get_by_role("link", name="Mina Okafor")).to_be_visible(timeout=5000)
    house.say("It still has not come. This is really annoying.", ago=1500)
    house.say("Useless! I am furious, this is the third time. I want to speak to a manager right now.")

    announced = page.locator("#announcements").get_by_role("link", name="Mina Okafor")
    expect(announced).to_have_count(1, timeout=5000)
    expect(page.locator("#nav")).to_contain_text(re.compile(r"Flags\s*\d"))
    announced.click()

    expect(page).to_have_url(re.compile(f"/conversations/{conversation}#flag_"))
    expect(page.locator("#why")).to_contain_text("mention “speak to a manager”")
    expect(page.locator(":target blockquote mark").first).to_be_visible()

    page.get_by_label("Text", exact=True).fill("I am sorry, Mina. A courier is on the way now.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#thread")).to_contain_text("A courier is on the way now.")
    expect(page.locator("#head")).to_contain_text("Waiting for the customer")
    expect(page.get_by_label("Text", exact=True)).to_have_value("")

    message = page.locator("#thread article", has_text="Useless!")
    before = page.locator("#trajectory .line").get_attribute("d")
    message.get_by_text("wrong?").click()
    message.get_by_role("radio", name="delight").check()
    message.get_by_role("button", name="It reads as this").click()
    expect(message.locator(".reading")).to_contain_text("reads as delight said by Ben")
    expect(page.locator("#trajectory .line")).not_to_have_attribute("d", before or "")
    expect(page.locator("#trajectory .seen.corrected")).to_have_count(1)
    expect(page.locator("#announcements")).to_contain_text("The message now counts as delight")
