"""Does the inbox count the parts of an SMS as the product does?"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from common import segments

pytestmark = pytest.mark.browser
SCRIPTS = Path(__file__).parents[2] / "static" / "inbox" / "js"
MODULE, SAY = SCRIPTS / "segments.js", SCRIPTS / "say.js"
PAGE = """<form data-mode="reply"><input type="radio" name="session" data-kind="sms" checked>
<input type="radio" name="session" data-kind="whatsapp"><textarea></textarea>
<output data-segments hidden></output></form>
<script type="application/json" id="say">{"sms": "{count} SMS ({encoding}), {left} left"}</script>"""
TEXTS = ("", "a" * 160, "a" * 161, "€" * 81, "ж" * 71, "🪑" * 36, "Hej {du} [där]|~^\\", "line\nbreak", "a" * 152 + "€")


@pytest.fixture
def page(browser: Browser) -> Any:
    """A form with the module on it."""
    opened = browser.new_page()
    opened.set_content(PAGE)
    # A module of its own has no neighbours: what says the words stands in it.
    both = MODULE.read_text().replace('import { say } from "./say.js";', SAY.read_text().replace("export ", ""))
    source = base64.b64encode(both.encode()).decode()
    opened.evaluate(f"import('data:text/javascript;base64,{source}').then((found) => (window.segments = found))")
    yield opened
    opened.close()


def test_every_text_is_counted_alike(page):
    for text in TEXTS:
        found, shown = segments.of(text), page.evaluate("(text) => segments.count(text)", text)
        assert shown == {"encoding": found.encoding, "count": found.count, "left": found.left}


def test_the_figure_is_shown_for_sms_only(page):
    page.evaluate("segments.listen(document.querySelector('form'))")
    page.fill("textarea", "ж" * 80)
    page.wait_for_function("document.querySelector('output').textContent === '2 SMS (UCS-2), 54 left'")
    assert page.is_visible("output")
    page.check("input[data-kind=whatsapp]")
    page.wait_for_selector("output", state="hidden")
