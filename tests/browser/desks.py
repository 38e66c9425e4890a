"""How does a test sit down at an agent's desk? A window of somebody who has logged in, and what can be read off it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page

from handover.inbox import floor
from tests.browser.site import Site


def window(browser: Browser, site: Site, login: str, **options: object) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, **{"viewport": {"width": 1280, "height": 800}, **options})  # type: ignore[arg-type]  # options of a window
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": logged_in(login), "url": site.url}])
    page.goto("/inbox/")
    page.wait_for_selector("html[data-ready]")
    yield page
    context.close()
    assert not broken


def logged_in(login: str) -> str:
    """The key of a new session of theirs. The form itself is what the stories go through."""
    client = Client()
    client.force_login(User.objects.get(username=login))
    return client.session.session_key or ""


def has_its_end_in_sight(page: Page) -> bool:
    """Whether the log is scrolled to its last pixel."""
    left = page.evaluate("(l => l.scrollHeight - l.scrollTop - l.clientHeight)(document.getElementById('items'))")
    return bool(left < 1)


def wait_for_line(page: Page) -> None:
    """A page is ready before its socket is open, and a busy machine takes a while between the two."""
    wait_until(page, lambda: any(here.screens for here in list(floor._floors.values())), "a socket was opened")


def wait_until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """What the server does after the page has gone on; it fails with `what` after 40 s."""
    deadline = time.monotonic() + 40
    while not holds():
        assert time.monotonic() < deadline, f"not in 40 s: {what}"
        page.wait_for_timeout(50)
