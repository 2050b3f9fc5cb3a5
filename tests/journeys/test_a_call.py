"""A call that somebody follows: the page moves with the voice, and a permission that is withdrawn ends the reading."""

import re

import pytest
from playwright.sync_api import expect

from tests.calls.telephones import RATE, Plain
from unspoken.demo.recordings import recording_in
from unspoken.demo.spoken import calls, recording_of

from .conftest import Visit
from .house import House

pytestmark = pytest.mark.journey
SOON = 20_000  # milliseconds


def test_an_open_page_follows_a_call_and_stops_reading_it(house: House, visit: Visit) -> None:
    call = calls()["call-live"]
    sound = recording_in(recording_of(call))
    customer, agent = (sound.left, sound.right) if call["customer"] == "left" else (sound.right, sound.left)
    page = visit("ben")
    telephone = Plain(house, "CA1", 0)
    telephone.says(customer[: 15 * RATE], agent[: 15 * RATE])
    page.goto("/")
    page.get_by_role("link", name="Mina Okafor").first.click()
    card = page.locator("#voice")
    expect(card).to_contain_text("on the line", timeout=SOON)
    spoken = card.locator("rect.spoke, path.line")
    expect(spoken).not_to_have_count(0, timeout=SOON)

    before = card.locator(".times").inner_text()
    telephone.says(customer[15 * RATE : 30 * RATE], agent[15 * RATE : 30 * RATE])
    expect(card.locator(".times")).not_to_have_text(before, timeout=SOON)
    expect(card.locator("path.line")).not_to_have_count(0, timeout=SOON)

    card.get_by_role("button", name="Stop reading their voice").click()
    expect(page.locator("#thread")).to_contain_text("The customer withdrew their permission", timeout=SOON)
    expect(card.get_by_role("button", name="Stop reading their voice")).to_have_count(0, timeout=SOON)
    telephone.ends()
    expect(page.locator("#thread")).to_contain_text(re.compile(r"The call ended after 0:(29|30)"), timeout=SOON)
    expect(card).not_to_contain_text("on the line", timeout=SOON)
