"""Can an administrator connect a back end and test it in a real browser, on a phone and in the dark?"""

from __future__ import annotations

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from conversations.models import Connection
from tests.browser import windows
from tests.common.backends import serve

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OF_UNFOLD = {"landmark-unique", "landmark-one-main", "region"}  # rules that Unfold's own frame breaks, on every page
PHONE = {"width": 390, "height": 844}


def sound(page: Page, name: str) -> None:
    """Nothing is wider than the window, and no rule of accessibility is broken by us."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    found = Axe().run(page).response["violations"]
    assert {one["id"] for one in found} - OF_UNFOLD == set()


def on_a_dark_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict of the same shape
    page.emulate_media(color_scheme="dark")
    page.reload()


def test_a_back_end_is_connected_tested_and_seen_on_a_phone(
    browser: Browser, live_server: Any, settings: Settings
) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    with serve() as shop, windows.window(browser, live_server.url) as page:
        settings.CONNECTION_PRIVATE_HOSTS = [shop.place]
        cookie = client.cookies["throughline-session"]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page.goto("/admin/conversations/connection/add/")
        fields = {"key": "shop", "title": "Shop", "base_url": shop.url, "health_path": "/health"}
        for name, value in {**fields, "secret_headers": "Authorization: Bearer canary-secret-1"}.items():
            page.fill(f"[name={name}]", value)
        sound(page, "connection-new")
        page.click("button[name=_continue]")
        expect(page.locator("[name=secret_headers]")).to_have_value("")
        page.get_by_role("link", name="Test", exact=True).click()
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.get_by_text("It is well: status 200").first).to_be_visible()
        assert shop.got[0].headers["authorization"] == "Bearer canary-secret-1"
        on_a_dark_phone(page)
        sound(page, "connection-phone-dark")
        assert "canary" not in page.content()
    assert Connection.objects.get().headers == {"Authorization": "Bearer canary-secret-1"}
