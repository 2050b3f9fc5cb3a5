"""Without JavaScript, on a phone, by keyboard, in the dark: the same product."""

import pytest
from playwright.sync_api import expect

from .conftest import Visit
from .house import House

pytestmark = pytest.mark.journey

CONTRAST = """
() => {
  const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const channel = (value) => linear(value / 255);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0.95) return colour;
    }
    return [255, 255, 255, 1];
  };
  const weak = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    if (!text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest("svg, option, [disabled], .visually-hidden, [aria-hidden=true], .off")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [luminance(rgba(style.color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) weak.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return weak;
}
"""
PAGES = [
    "/", "/flags", "/contacts", "/contacts/new", "/rules", "/rules/rising-frustration", "/rules/new", "/settings",
    "/settings/tokens", "/settings/members", "/settings/teams", "/settings/inboxes", "/settings/canned-replies",
    "/settings/webhooks", "/journal",
]  # fmt: skip


@pytest.fixture
def addresses(house: House) -> list[str]:
    house.say("Thanks for nothing. I want to speak to a manager.", conversation="chat-e")
    conversation = house.say("Where is it? This is awful.", conversation="chat-e")
    return [*PAGES, f"/conversations/{conversation}", f"/contacts/{house.mina}"]


def test_everything_can_be_done_without_javascript(house: House, visit: Visit) -> None:
    conversation = house.say("This is dreadful, I am so disappointed.", conversation="chat-n")
    page = visit("ben", java_script_enabled=False)
    page.goto(f"/conversations/{conversation}")
    page.get_by_label("Text", exact=True).fill("We will replace it.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#thread")).to_contain_text("We will replace it.")

    message = page.locator("#thread article", has_text="dreadful")
    message.get_by_text("wrong?").click()
    message.get_by_role("radio", name="surprise").check()
    message.get_by_role("button", name="It reads as this").click()
    expect(page.get_by_role("status")).to_contain_text("The message now counts as surprise")
    expect(message.locator(".reading")).to_contain_text("reads as surprise said by Ben")

    page.get_by_role("button", name="Resolve").first.click()
    expect(page.get_by_role("status")).to_contain_text("This conversation is now resolved.")


def test_no_page_is_wider_than_a_small_phone(visit: Visit, addresses: list[str]) -> None:
    page = visit("ada", viewport={"width": 360, "height": 740})
    wide = {}
    for address in addresses:
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > 360:
            wide[address] = width
    assert wide == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(visit: Visit, addresses: list[str], scheme: str) -> None:
    page = visit("ada", color_scheme=scheme)
    weak = {}
    for address in addresses:
        page.goto(address)
        found = page.evaluate(CONTRAST)
        if found:
            weak[address] = found
    assert weak == {}


def test_a_keyboard_goes_past_the_navigation_and_into_a_conversation(visit: Visit, addresses: list[str]) -> None:
    page = visit("ada")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if "/conversations/" in str(page.evaluate("document.activeElement.href || ''")):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_label("Text", exact=True)).to_be_visible()


def test_a_chosen_appearance_is_kept(visit: Visit) -> None:
    page = visit("ada", color_scheme="light")
    page.get_by_label("appearance and sign out").click()
    page.get_by_label("Appearance", exact=True).select_option("dark")
    page.goto("/flags")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 22, 25)"
