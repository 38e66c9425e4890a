"""How is Twilio's Messages API called? As a form, with our id in the address that Twilio reports to."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, Finding, Outgoing, Sent, wire
from channels_app.adapters.sms import errors, incoming, numbers
from conversations.content import Content, Media, Text

BASE_URL = "https://api.twilio.com"


def send(account: Account, outgoing: Outgoing) -> Sent:
    """Posts one message; its sid, or `DeliveryError`."""
    form = request(account, outgoing)
    answer = _call(lambda: _line(account).ask("POST", "Messages.json", data=form))
    sid = base.text(wire.body(answer), "sid")
    if not sid:
        # Accepted in so many words, yet nothing to match receipts by: the status callback has our id.
        raise DeliveryError("lost", provider_text="the answer names no message", http_status=answer.status_code)
    return Sent(sid[:255])


def request(account: Account, outgoing: Outgoing) -> dict[str, Any]:
    """The form of one send, or `DeliveryError("rejected" | "unreachable")`."""
    recipient = numbers.to(account, outgoing.namespace, outgoing.address)
    numbers.refuse_dear(account, recipient)
    ours = "MessagingServiceSid" if account.account.startswith("MG") else "From"
    sender = numbers.sending(account.account)
    return {"To": recipient, ours: sender} | _content(outgoing.content) | _callback(account, outgoing.ref)


def check(account: Account) -> Sequence[Finding]:
    """Does the account answer, and is it active? Reads only."""
    sid = account.text("account_sid")
    if not sid:
        return (Finding(False, "`account_sid` is not set."),)
    try:
        answer = _call(lambda: _root(account).ask("GET", f"Accounts/{quote(sid, safe='')}.json"))
    except DeliveryError as error:
        return (Finding(False, f"The account does not answer: {error.said}"),)
    status = base.text(wire.body(answer), "status")
    if status not in ("", "active"):
        return (Finding(False, f"The account is {status}."),)
    return (Finding(True, "The account answers."),)


def connect(account: Account, url: str) -> Sequence[Finding]:
    """Tells Twilio where messages to our number go; services and WhatsApp senders are set by hand."""
    number = numbers.sending(account.account)
    if not number.startswith("+"):
        return (Finding(False, f"Twilio is told by hand where messages of {number} go: {url}"),)
    named = {"PhoneNumber": number}
    try:
        answer = _call(lambda: _line(account).ask("GET", "IncomingPhoneNumbers.json", params=named))
        rows = base.items(wire.body(answer).get("incoming_phone_numbers"))
        sid = next((base.text(row, "sid") for row in rows if base.text(row, "phone_number") == number), "")
        if not sid:
            return (Finding(False, f"The account has no number {number}."),)
        told = {"SmsUrl": url, "SmsMethod": "POST"}
        _call(lambda: _line(account).ask("POST", f"IncomingPhoneNumbers/{quote(sid, safe='')}.json", data=told))
    except DeliveryError as error:
        return (Finding(False, f"The number could not be set: {error.said}"),)
    return (Finding(True, f"Messages to {number} go to {url}"), *check(account))


def _content(content: Content) -> dict[str, str]:
    match content:
        case Text():
            return {"Body": content.text}
        case Media() if content.url:
            return {"MediaUrl": content.url} | ({"Body": content.caption} if content.caption else {})
        case Media():
            raise DeliveryError("rejected", provider_text="a file needs a link that Twilio can fetch")
        case _:
            raise DeliveryError("rejected", provider_text=f"SMS has no message for {content.type}")


def _callback(account: Account, ref: str) -> dict[str, str]:
    """Twilio reports to this address: our id in it settles a send whose answer was lost."""
    app = account.text("app")
    if not app:
        return {}
    url = f"{settings.PUBLIC_URL}/webhooks/sms/{quote(app, safe='')}?{incoming.DELIVERY}={quote(ref, safe='')}"
    return {"StatusCallback": url}


def _call(asked: Callable[[], httpx.Response]) -> httpx.Response:
    return wire.call(asked, errors.of_answer)


def _line(account: Account) -> wire.Line:
    return _root(account, f"Accounts/{quote(account.text('account_sid'), safe='')}/")


def _root(account: Account, below: str = "") -> wire.Line:
    root = f"{account.text('base_url', BASE_URL).rstrip('/')}/2010-04-01/{below}"
    return wire.line(root, authorization(account))


def authorization(account: Account) -> dict[str, str]:
    """The header that opens Twilio's API: an API key if there is one, else the account's own token."""
    key, secret = account.text("api_key_sid"), account.secret("api_key_secret")
    user, password = (key, secret) if key and secret else (account.text("account_sid"), account.secret("auth_token"))
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
