"""Does the back office's button play the whole story on the running installation, and clean up after itself?"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from config.demo import PASSWORD
from config.processes import Stack
from tests.browser.windows import window

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_the_button_verifies_the_switching_of_channels(browser: Browser, stack: Stack) -> None:
    with window(browser, stack.url) as page:
        page.goto("/admin/login/?next=/admin/verify-switching/")
        page.fill("#id_username", "admin")
        page.fill("#id_password", PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name="Verify channel switching").click(timeout=60_000)
        expect(page.get_by_text("All 19 steps held.")).to_be_visible(timeout=90_000)
        page.goto("/admin/customers/customer/")
        expect(page.get_by_text("Vera")).to_have_count(0)


@pytest.mark.scenario("T-65")
@pytest.mark.parametrize("login", ["", "ana"])
def test_only_a_superuser_may_press_it(browser: Browser, stack: Stack, login: str) -> None:
    with window(browser, stack.url) as page:
        if login:
            page.goto("/inbox/login")
            page.fill("#id_username", login)
            page.fill("#id_password", PASSWORD)
            page.get_by_role("button", name="Log in").click()
        page.goto("/admin/verify-switching/")
        expect(page.get_by_role("button", name="Verify channel switching")).to_have_count(0)
