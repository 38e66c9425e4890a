"""Does the first page say what to do next, to everybody and on every screen?"""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser

from channels_app.sandbox import emulators
from config.processes import Stack


@pytest.mark.parametrize("target", ["/sandbox/", "/inbox/", "/admin/", "/demo/shop/", "/api/docs/"])
def test_the_first_page_links_every_start(client: Client, target: str) -> None:
    assert f'href="{target}"' in client.get("/").content.decode()


def test_the_first_page_leads_to_every_phone(client: Client) -> None:
    page = client.get("/").content.decode()
    assert all(f'href="/sandbox/?channel={kind}-demo"' in page for kind in emulators.kinds())


def test_the_policy_allows_no_inline_script(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_an_unknown_page_says_where_to_go(client: Client) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert 'href="/"' in answer.content.decode()


@pytest.mark.parametrize("page", ["/", "/sandbox/", "/inbox/login", "/admin/login/", "/demo/shop/", "/nowhere/"])
def test_every_page_names_its_icon(client: Client, db: None, page: str) -> None:
    icon = re.search(r'<link[^>]*rel="icon"[^>]*>', client.get(page).content.decode())
    assert icon is not None
    assert (address := re.search(r'href="([^"]+\.svg)"', icon[0])) is not None
    assert client.get(address[1]).headers["Content-Type"] == "image/svg+xml"


def test_who_asks_for_the_icon_by_its_old_name_is_led_to_it(client: Client) -> None:
    answer = client.get("/favicon.ico", follow=True)
    assert answer.redirect_chain == [("/static/img/mark.svg", 302)]
    assert answer.headers["Content-Type"] == "image/svg+xml"


def test_no_other_icon_is_led_anywhere(client: Client) -> None:
    assert client.get("/favicon.png").status_code == 404


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_first_page_is_accessible_and_fits(stack: Stack, browser: Browser, scheme: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(stack.url)
    found = Axe().run(page, options={"rules": {"color-contrast": {"enabled": True}}})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []
    page.close()
