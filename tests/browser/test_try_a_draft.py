"""Can an author play a draft on a phone of the sandbox, and does nobody else meet it?"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from config.demo import PASSWORD
from config.processes import Stack
from tests.browser.windows import PhoneScreen, window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_draft_is_played_by_somebody_new_and_met_by_nobody_else(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page:
        page.goto("/admin/conversations/journey/edit/order_chair/")
        page.fill("#id_username", "admin")
        page.fill("#id_password", PASSWORD)
        page.get_by_role("button", name="Log in").click()
        area = page.locator("[name=draft]")
        area.fill(area.input_value().replace("Which chair are you", "DRAFT, which chair are you"))
        page.get_by_role("button", name="Save").click()
        expect(page.locator("[data-state]")).to_have_text("Saved")
        page.get_by_role("link", name="Try it").click()
        page.get_by_role("button", name="WhatsApp", exact=True).click()
        expect(page.locator("#thread .bubble-theirs").last).to_contain_text("DRAFT, which chair", timeout=20_000)
        other = PhoneScreen(page, "tom")
        other.writes("hi")
        expect(other.theirs.last).not_to_contain_text("DRAFT")
