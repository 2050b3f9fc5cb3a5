"""A kept recording is replayed in step: the curve, the words and the player tell the same moment, and nothing jumps."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit
from .house import ROOT, House, running

pytestmark = pytest.mark.journey
PLACE = "document.querySelector('audio').currentTime"
DAYS = "UNSPOKEN_KEEP_RECORDINGS_DAYS"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def house(data: Path) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DAYS, "30")
        with running(data) as opened:
            yield opened


@pytest.fixture(scope="module")
def call(house: House, data: Path) -> str:
    environment = os.environ | {"UNSPOKEN_DATA": str(data), "DJANGO_SETTINGS_MODULE": "unspoken.config.settings"}
    environment.pop("UNSPOKEN_DATABASE", None)
    command = [sys.executable, "-m", "tests.journeys.kept"]
    made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return f"/conversations/{made.stdout.strip()}"


def play_from(page: Page, time: str) -> None:
    page.get_by_role("button", name=f"Play from {time}").focus()
    page.keyboard.press("Enter")


def plays_past(page: Page, second: float) -> None:
    for _ in range(80):
        if page.evaluate(PLACE) > second:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"it stands at {page.evaluate(PLACE)} seconds")


def test_the_line_that_is_said_is_marked_and_the_page_stays_where_it_is(visit: Visit, call: str) -> None:
    page = visit("ben", reduced_motion="reduce")
    page.goto(call)
    expect(page.locator("call-replay")).to_contain_text("with Mina Okafor's consent")
    play_from(page, "0:04")
    expect(page.locator("[aria-current=true][data-begins]")).to_contain_text("Let me look.")
    expect(page.locator(".replay-words")).to_have_text("Ben: Let me look.")
    scrolled = page.evaluate("scrollY")
    expect(page.locator("[aria-current=true][data-begins]")).to_contain_text("Again?", timeout=8_000)
    expect(page.locator("[aria-current=true][data-begins]")).to_have_count(1)
    expect(page.locator(".curve .now")).to_have_count(1)
    assert page.evaluate("scrollY") == scrolled


def test_a_click_into_the_curve_plays_from_there(visit: Visit, call: str) -> None:
    page = visit("ben")
    page.goto(call)
    curve = page.locator("svg.voice")
    curve.scroll_into_view_if_needed()
    box = curve.bounding_box()
    assert box
    curve.click(position={"x": box["width"] / 2, "y": 5})
    plays_past(page, 5.0)
    assert page.evaluate(PLACE) < 7


def test_it_plays_on_while_the_page_moves_and_vanishes_when_it_is_deleted(visit: Visit, call: str) -> None:
    page, other = visit("ben"), visit("ada", java_script_enabled=False)
    page.goto(call)
    play_from(page, "0:01")
    page.evaluate("for (const part of ['call', 'thread']) htmx.trigger(document.getElementById(part), 'refresh')")
    plays_past(page, 3.0)
    assert page.evaluate("!document.querySelector('audio').paused")
    other.goto(call)
    expect(other.locator("audio")).to_have_count(1)
    expect(other.locator("#thread")).to_contain_text("0:04")
    other.get_by_text("Delete the recording now").click()
    other.get_by_role("button", name="Delete it for good").click()
    expect(other.get_by_role("status").first).to_contain_text("The recording is deleted.")
    expect(page.locator("audio")).to_have_count(0)
