"""How do Messenger and Instagram talk to us in tests? Items of `messaging` written by hand, signed as Meta does."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from channels_app.registry import Account, Outgoing, Request, Sent, adapter
from conversations.content import Content
from tests.channels_app.stub import Call, stub

Json = dict[str, Any]
PAGE, MAYA, APP, SECRET, AT = (
    "104829173650021",
    "6120985542000111",
    "67000000000002",
    "messenger-secret",
    1_790_000_000_123,
)
HANDLE = ("messenger_user", PAGE, MAYA, "provider", "")
ACCOUNT = Account(
    key="messenger-test",
    account=PAGE,
    config={"app": "demo", "app_id": APP, "username": "nordic"},
    credentials={"app_secret": SECRET, "verify_token": "v", "access_token": "page-token"},
)
MESSENGER, INSTAGRAM = adapter("messenger"), adapter("instagram")
TAKEN = {"recipient_id": MAYA, "message_id": "m_out_1"}


def item(**about: Any) -> Json:
    """What Maya did; `about` is its subject, and may replace sender, recipient and timestamp."""
    return {"sender": {"id": MAYA}, "recipient": {"id": PAGE}, "timestamp": AT} | about


def message(text: str = "hi", **more: Any) -> Json:
    return item(message={"mid": "m_1", "text": text} | more)


def attached(kind: str, **payload: Any) -> Json:
    """A message without words that has one attachment."""
    return item(message={"mid": "m_1", "attachments": [{"type": kind, "payload": payload}]})


def echo(**more: Any) -> Json:
    said = {"mid": "m_2", "text": "from the page", "is_echo": True} | more
    return item(sender={"id": PAGE}, recipient={"id": MAYA}, message=said)


def envelope(*items: Json, kind: str = "page") -> Json:
    return {"object": kind, "entry": [{"id": PAGE, "time": AT, "messaging": list(items)}]}


def request(body: Json | bytes, secret: str = SECRET) -> Request:
    """The signed webhook that brings it; what is not ASCII is escaped, as Meta does."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(raw, {b"x-hub-signature-256": signature(raw, secret).encode()})


def signature(raw: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def events(*items: Json) -> Any:
    return MESSENGER.verify(request(envelope(*items)), [ACCOUNT]).events


def read_all(one: Json, account: Account = ACCOUNT) -> Any:
    """Everything that one item says."""
    (event,) = events(one)
    return MESSENGER.parse(event.raw, account)


def read(one: Json, account: Account = ACCOUNT) -> Any:
    """The one thing that an item says."""
    (parsed,) = read_all(one, account)
    return parsed


def write(content: Content, *script: Any, kind: str = "messenger", **more: Any) -> tuple[Call, Sent]:
    """One content as it is posted, and what came of it."""
    given: Json = {"namespace": "messenger_user", "address": MAYA, "ref": "ref-1"} | more
    with stub(*script, otherwise=(200, TAKEN)) as api:
        account = Account(ACCOUNT.key, PAGE, {**ACCOUNT.config, "base_url": api.url}, ACCOUNT.credentials)
        sent = adapter(kind).send(account, Outgoing(content, **given))
        return api.calls[-1], sent
