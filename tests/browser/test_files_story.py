"""Do files travel both ways: a customer's photo to the desk, and the desk's picture to the customer's phone?"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from config import processes
from tests.browser.windows import InboxScreen, PhoneScreen, window
from tests.conversations import files

pytestmark = pytest.mark.browser

LONG = 20_000  # milliseconds


def chosen(name: str, colour: str) -> dict[str, object]:
    return {"name": name, "mimeType": "image/png", "buffer": files.picture(size=(640, 480), colour=colour)}


def barriers(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def test_a_photo_comes_to_the_desk_and_a_picture_goes_back(stack: processes.Stack, browser: Browser) -> None:
    with window(browser, stack.url) as street, window(browser, stack.url) as office:
        phone = PhoneScreen(street, "noor")
        phone.writes("Can you repair this one?")
        street.set_input_files("#file", chosen("broken.png", "maroon"))  # type: ignore[arg-type]  # a file in words
        inbox = InboxScreen(office)
        inbox.looks_at("bot")
        inbox.opens("Noor")
        photo = office.locator("#items .by-customer a[data-zoom] img")
        expect(photo).to_be_visible(timeout=LONG)
        expect(photo).to_have_js_property("naturalWidth", 640, timeout=LONG)
        inbox.takes_it()
        office.set_input_files("[data-pick]", chosen("new one.png", "teal"))  # type: ignore[arg-type]  # likewise
        office.fill("#words", "Better this one?")
        office.press("#words", "Control+Enter")
        sent = office.locator("#items .by-agent", has_text="Better this one?")
        expect(sent.locator(".delivery-read, .delivery-delivered, .delivery-sent")).to_be_visible(timeout=LONG)
        theirs = street.locator("#thread .bubble-theirs .media-image").last
        expect(theirs).to_have_js_property("naturalWidth", 640, timeout=LONG)
        for theme in ("light", "dark"):
            # Without motion: half a transition between two themes has colours of neither.
            office.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of the two
            assert barriers(office) == []
        inbox.closes()  # the stack belongs to all stories: the bot speaks again
