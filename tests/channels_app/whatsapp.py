"""How does Meta talk to us in tests? Bodies as the Cloud API sends them, signed with the test app's secret."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from typing import Any

from channels_app.models import Channel

SECRET, TOKEN, NUMBER = "app-secret-of-the-tests", "verify-token-of-the-tests", "106540352242922"
MAYA = "46701740635"
_counter = itertools.count(1)


def channel(key: str = "whatsapp-demo", *, app: str = "demo", account: str = NUMBER, **config: Any) -> Channel:
    """A connected number of the test app."""
    return Channel.objects.create(
        key=key,
        kind="whatsapp",
        title=key,
        account=account,
        config={"app": app, "portfolio_id": "portfolio-1", **config},
        credentials={"app_secret": SECRET, "verify_token": TOKEN, "access_token": "token-1"},
    )


def message(
    body: str = "hi", *, sender: str = MAYA, wamid: str = "", at: float | None = None, **more: Any
) -> dict[str, Any]:
    """One text message; `more` replaces members."""
    return {
        "from": sender,
        "id": wamid or f"wamid.{next(_counter)}.{time.time_ns()}",
        "timestamp": str(int(at or time.time())),
        "type": "text",
        "text": {"body": body},
    } | more


def status(
    wamid: str, word: str = "delivered", *, ref: str = "", at: float | None = None, **more: Any
) -> dict[str, Any]:
    """One receipt."""
    found = {"id": wamid, "status": word, "timestamp": str(int(at or time.time())), "recipient_id": MAYA}
    return found | ({"biz_opaque_callback_data": ref} if ref else {}) | more


def value(
    *messages: dict[str, Any], statuses: tuple[dict[str, Any], ...] = (), account: str = NUMBER
) -> dict[str, Any]:
    """The `value` of one change."""
    senders = dict.fromkeys(one["from"] for one in messages if "from" in one)
    found: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550001111", "phone_number_id": account},
    }
    if messages:
        found["contacts"] = [{"profile": {"name": "Maya"}, "wa_id": sender} for sender in senders]
        found["messages"] = list(messages)
    if statuses:
        found["statuses"] = list(statuses)
    return found


def envelope(*values: dict[str, Any]) -> dict[str, Any]:
    """A whole webhook, one entry and change for each value."""
    entries = [{"id": "waba", "changes": [{"field": "messages", "value": one}]} for one in values]
    return {"object": "whatsapp_business_account", "entry": entries}


def body(*values: dict[str, Any]) -> bytes:
    """The webhook's bytes; non-ASCII is escaped, as Meta does."""
    return json.dumps(envelope(*values)).encode()


def signature(raw: bytes, secret: str = SECRET) -> str:
    """The header that goes with the bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
