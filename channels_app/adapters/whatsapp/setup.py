"""Is the account set up well, and how does a customer get to it? Read-only questions, and the link to write to us."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeepLink, DeliveryError, Finding, codes, wire
from channels_app.adapters.whatsapp import client, graph

LINK = "https://wa.me"
GREETING = "Please continue here."
NUMBER_FIELDS = "id,display_phone_number,verified_name,quality_rating,code_verification_status"
ADVICE: Mapping[str, str] = {
    "190": "Make a new token of a system user and enter it here.",
    "10": "The token lacks a permission: it needs whatsapp_business_messaging and whatsapp_business_management.",
    "200": "The token lacks a permission: it needs whatsapp_business_messaging and whatsapp_business_management.",
    "100": "Check the ids: the account is the phone number id, not the number itself.",
}


def check(account: Account) -> Sequence[Finding]:
    """Do the token, the number, the webhook subscription and the template list answer? Reads only."""
    found = [_asked("The phone number", lambda: _number(account))]
    if not account.text("waba_id"):
        return [*found, Finding(True, "No waba_id is set: the webhook subscription and templates cannot be looked at.")]
    found.append(_asked("The webhook subscription", lambda: _subscription(account)))
    found.append(_asked("The template list", lambda: _templates(account)))
    return found


def connect(account: Account, url: str) -> Sequence[Finding]:
    """Has Meta post this business account's webhooks to our URL, which it proves by a handshake; then `check`."""
    waba, word = account.text("waba_id"), account.secret("verify_token")
    if not waba or not word:
        return [Finding(False, "Set waba_id and a verify_token first: Meta wants both."), *check(account)]
    asked = {"override_callback_uri": url, "verify_token": word}
    try:
        graph.call(account, "POST", f"{waba}/subscribed_apps", json=asked)
        told = Finding(True, f"Webhooks of the business account come to {url}.")
    except DeliveryError as error:
        told = Finding(False, f"Meta does not take our webhook: {error.said}")
    return [told, *check(account)]


def link(account: Account, code: str) -> DeepLink | None:
    """A chat with the number, the code already written; None as long as the number is not known."""
    digits = re.sub(r"\D", "", account.text("display_phone_number"))
    if not digits:
        return None
    words = f"{account.text('link_text', GREETING)} {codes.written(code)}"
    root = account.text("link_url", LINK).rstrip("/")
    return DeepLink(f"{root}/{digits}?text={quote(words)}", words)


def _asked(name: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except DeliveryError as error:
        advice = ADVICE.get(error.provider_code.partition("/")[0], "")
        return Finding(False, f"{name} does not answer: {error.said} {advice}".strip())


def _number(account: Account) -> Finding:
    data = _read(account, account.account, {"fields": NUMBER_FIELDS})
    shown, name = base.text(data, "display_phone_number"), base.text(data, "verified_name")
    quality = base.text(data, "quality_rating").lower()
    rated = f" Its quality is {quality}." if quality not in ("", "unknown") else ""
    who = " ".join(filter(None, (shown, f"({name})" if name else "")))
    return Finding(quality != "red", f"The phone number {who} answers.{rated}".replace("  ", " "))


def _subscription(account: Account) -> Finding:
    data = _read(account, f"{account.text('waba_id')}/subscribed_apps", {})
    apps = [base.mapping(item.get("whatsapp_business_api_data")) for item in base.items(data.get("data"))]
    if data.get("data") == []:
        return Finding(False, "No app is subscribed to the business account: no message will come in.")
    names = ", ".join(filter(None, (base.text(app, "name") for app in apps)))
    return Finding(True, f"Webhooks go to {names}." if names else "The webhook subscription answers.")


def _templates(account: Account) -> Finding:
    found = list(client.templates(account))
    approved = sum(one.status == "approved" for one in found)
    if not approved:
        return Finding(True, "No template is approved: nothing can be sent once the 24-hour window is closed.")
    return Finding(True, f"{len(found)} templates, {approved} of them approved.")


def _read(account: Account, path: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    return wire.body(graph.call(account, "GET", path, params=params or None))
