"""How is Meta's Graph called? Keep-alive connections per account, and every failure in our words."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, Finding, Sent
from channels_app.adapters.whatsapp import errors

BASE_URL = "https://graph.facebook.com"
VERSION = "v25.0"
TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=3.0)  # seconds
LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=55)

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole URLs, and some providers put tokens there

_lines: dict[tuple[str, str], Line] = {}
_lock = threading.Lock()


class Line:
    """Keep-alive connections to one base URL with one token.

    It speaks to httpx's transport itself: one message needs no redirects, cookies or mounts, and they cost as much
    again as the request.
    """

    def __init__(self, root: str, token: str) -> None:
        self.root = httpx.URL(root)
        self.transport = httpx.HTTPTransport(limits=LIMITS, trust_env=False, proxy=_proxy(self.root))
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        self.urls: dict[str, httpx.URL] = {}

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """One request below the root; `httpx.HTTPError` as from any client of httpx."""
        url = self.urls.get(path) or self.urls.setdefault(path, self.root.join(path))
        request = httpx.Request(method, url, headers=self.headers, json=body, extensions={"timeout": TIMEOUT.as_dict()})
        answer = self.transport.handle_request(request)
        answer.read()
        return answer


def send(account: Account, body: dict[str, Any]) -> Sent:
    """Posts one message; the id that the provider gave it, or `DeliveryError`."""
    answer = _call(lambda: _line(account).ask("POST", f"{account.account}/messages", body))
    data = _object(answer)
    external_id = base.text(next(iter(base.items(data.get("messages"))), base.NOTHING), "id")
    if not external_id:
        # Accepted in so many words, yet nothing to match receipts by: our reference will.
        raise DeliveryError("lost", provider_text="the answer names no message", http_status=answer.status_code)
    scope = account.text("portfolio_id")
    users = (base.text(contact, "user_id") for contact in base.items(data.get("contacts")))
    return Sent(external_id[:255], tuple(("wa_bsuid", scope, user, "provider", "") for user in users if user))


def check(account: Account) -> Sequence[Finding]:
    """Do the token, the number, the webhook subscription and the template list answer? Reads only."""
    waba = account.text("waba_id")
    asked = [("The phone number", account.account)]
    asked += [
        ("The webhook subscription", f"{waba}/subscribed_apps"),
        ("The template list", f"{waba}/message_templates"),
    ]
    return [_finding(account, name, path) for name, path in (asked if waba else asked[:1])]


def _finding(account: Account, name: str, path: str) -> Finding:
    try:
        _call(lambda: _line(account).ask("GET", path))
    except DeliveryError as error:
        return Finding(False, f"{name} does not answer: {error.provider_text or error.reason} ({error.provider_code})")
    return Finding(True, f"{name} answers.")


def _call(call: Callable[[], httpx.Response]) -> httpx.Response:
    try:
        answer = call()
    except httpx.HTTPError as error:
        raise base.from_httpx(error) from error
    except (httpx.InvalidURL, ValueError) as error:
        raise DeliveryError("channel_down", provider_text=f"the base URL cannot be used: {error}") from error
    if not answer.is_success:
        raise errors.of_answer(answer)
    return answer


def _object(answer: httpx.Response) -> Any:
    try:
        return base.mapping(answer.json())
    except (ValueError, RecursionError):
        return base.NOTHING


def _line(account: Account) -> Line:
    """The account's connections; a new token or base URL makes new ones."""
    root = f"{account.text('base_url', BASE_URL).rstrip('/')}/{account.text('version', VERSION)}/"
    token = str(account.credentials.get("access_token") or "")
    with _lock:
        found = _lines.get((root, token))
        return found or _lines.setdefault((root, token), Line(root, token))


def _proxy(root: httpx.URL) -> httpx.Proxy | None:
    """The operator's proxy for this host, if the environment names one; never for this machine."""
    if root.host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(root.host):
        return None
    url = getproxies().get(root.scheme)
    return httpx.Proxy(url) if url else None
