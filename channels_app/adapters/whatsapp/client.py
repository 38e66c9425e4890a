"""How is Meta's Graph called? Every failure comes in our words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, Finding, Sent, wire
from channels_app.adapters.whatsapp import errors

BASE_URL = "https://graph.facebook.com"
VERSION = "v25.0"


def send(account: Account, body: dict[str, Any]) -> Sent:
    """Posts one message; the id that the provider gave it, or `DeliveryError`."""
    answer = _call(lambda: _line(account).ask("POST", f"{account.account}/messages", json=body))
    data = wire.body(answer)
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


def _call(asked: Callable[[], httpx.Response]) -> httpx.Response:
    return wire.call(asked, errors.of_answer)


def _line(account: Account) -> wire.Line:
    root = f"{account.text('base_url', BASE_URL).rstrip('/')}/{account.text('version', VERSION)}/"
    token = account.secret("access_token")
    return wire.line(root, {"authorization": f"Bearer {token}"} if token else base.NOTHING)
