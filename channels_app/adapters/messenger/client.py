"""How is Meta's Send API called? The token is in a header, and every failure comes in our words."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, File, Finding, Sent, wire
from channels_app.adapters.messenger import errors

BASE_URL = "https://graph.facebook.com"
VERSION = "v25.0"


def send(account: Account, body: dict[str, Any], upload: File | None) -> Sent:
    """Posts one message; the id that Meta gave it, and the recipient's own id if only a reference was known."""
    attachment = base.mapping(base.mapping(body["message"]).get("attachment"))
    if attachment and upload is None and not base.mapping(attachment.get("payload")).get("url"):
        raise DeliveryError("rejected", provider_text="a file needs its bytes or a link that Meta can fetch")
    answer = _call(lambda: _line(account).ask("POST", "me/messages", **_content(body, upload)))
    data = wire.body(answer)
    mid = base.text(data, "message_id")
    if not mid:
        raise DeliveryError("lost", provider_text="the answer names no message", http_status=answer.status_code)
    person = base.text(data, "recipient_id")
    is_news = person and person != base.mapping(body["recipient"]).get("id")
    return Sent(mid[:255], (("messenger_user", account.account, person, "provider", ""),) if is_news else ())


def act(account: Account, body: dict[str, Any]) -> None:
    """Posts a courtesy (typing, seen)."""
    _call(lambda: _line(account).ask("POST", "me/messages", json=body))


def check(account: Account) -> Sequence[Finding]:
    """Do the token and the webhook subscription answer, and do we know our own echoes? Reads only."""
    found = [_finding(account, "The account", "me?fields=id,name"), _subscription(account)]
    if not account.text("app_id"):
        found.append(Finding(False, "`app_id` is not set: what other apps write to customers is not shown."))
    return found


def subscribe(account: Account, fields: Sequence[str], url: str) -> Sequence[Finding]:
    """Subscribes our app to what happens on the account; the app's own address is set once, by hand."""
    asked = {"subscribed_fields": ",".join(fields)}
    try:
        _call(lambda: _line(account).ask("POST", "me/subscribed_apps", json=asked))
    except DeliveryError as error:
        return [Finding(False, f"The webhook subscription was refused: {error.said}")]
    return [Finding(True, f"Subscribed; the app's callback URL has to be {url}"), *check(account)]


def _finding(account: Account, name: str, path: str) -> Finding:
    try:
        _call(lambda: _line(account).ask("GET", path))
    except DeliveryError as error:
        return Finding(False, f"{name} does not answer: {error.said}")
    return Finding(True, f"{name} answers.")


def _subscription(account: Account) -> Finding:
    """Is our app subscribed to the page's messages?"""
    name = "The webhook subscription"
    try:
        answer = _call(lambda: _line(account).ask("GET", "me/subscribed_apps"))
    except DeliveryError as error:
        return Finding(False, f"{name} does not answer: {error.said}")
    apps = base.items(wire.body(answer).get("data"))
    ours = [app for app in apps if account.text("app_id") in ("", base.text(app, "id"))]
    fields = [str(field) for app in ours for field in _listed(app.get("subscribed_fields"))]
    if not ours or (fields and "messages" not in fields):
        return Finding(False, f"{name} is missing: your app does not receive `messages`.")
    return Finding(True, f"{name} answers.")


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _content(body: dict[str, Any], upload: File | None) -> Mapping[str, Any]:
    """JSON, or a form with the file's bytes: then Meta wants every member as JSON text."""
    if upload is None:
        return {"json": body}
    message = json.loads(json.dumps(body["message"]))
    message["attachment"]["payload"].pop("url", None)
    named = {**body, "message": message}
    form = {name: value if isinstance(value, str) else json.dumps(value) for name, value in named.items()}
    return {"data": form, "files": {"filedata": (upload.name or "file", upload.content, upload.media_type)}}


def _call(asked: Callable[[], httpx.Response]) -> httpx.Response:
    return wire.call(asked, errors.of_answer)


def _line(account: Account) -> wire.Line:
    root = f"{account.text('base_url', BASE_URL).rstrip('/')}/{account.text('version', VERSION)}/"
    token = account.secret("access_token")
    return wire.line(root, {"authorization": f"Bearer {token}"} if token else base.NOTHING)
