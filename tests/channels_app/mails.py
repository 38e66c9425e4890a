"""Which mails do the tests write? Raw ones of a customer, and the account that they are written to."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any

import pytest

from channels_app.adapters.email import adapter
from channels_app.adapters.email.stored import Stored, pack
from channels_app.registry import Account, DeliveryError, Inbound, Outgoing, Parsed, Request
from conversations.content import Content, Text

SERVER = "mx.shop.example"
ADDRESS = "support@shop.example"
REF = "0193d1a2-0000-7000-8000-0000000000aa"
CONVERSATION = "0193d1a2-0000-7000-8000-0000000000cc"
PASS = f"{SERVER}; dmarc=pass (p=NONE) header.from=example.com"
FAIL = f"{SERVER}; dmarc=fail (p=NONE) header.from=example.com"


def account(**more: Any) -> Account:
    """A mailbox that Postmark serves; `config` and `credentials` are added to its own."""
    config = {"app": "demo", "esp": "postmark", "authserv_id": SERVER, **more.pop("config", {})}
    credentials = {"webhook_secret": "us:secret", "api_key": "token", **more.pop("credentials", {})}
    return Account("email", more.pop("account", ADDRESS), config, credentials)


def raw(text: str = "Hello, where is my order?", *, html: str = "", files: Sequence[Any] = (), **headers: str) -> bytes:
    """A mail; `headers` by their names with `_` for `-`, an empty one is left out."""
    mail = EmailMessage()
    named = {
        "From": "Maya <maya@example.com>",
        "To": ADDRESS,
        "Subject": "My order",
        "Message_ID": "<one@example.com>",
    }
    for name, value in (named | headers).items():
        if value:
            mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def parsed(body: bytes, to: Account | None = None) -> Sequence[Parsed]:
    """What the adapter makes of a raw mail."""
    stored = Stored("mime", body, content_type="message/rfc822", key="<one@example.com>")
    return adapter.parse(pack(stored), to or account())


def heard(body: bytes, to: Account | None = None) -> Inbound:
    """The one message in a raw mail."""
    (found,) = parsed(body, to)
    assert isinstance(found, Inbound), found
    return found


def posted(body: bytes, *, password: str = "us:secret", content_type: str = "application/json", **more: str) -> Request:
    """A webhook with the password of its URL."""
    given = b64encode(password.encode()).decode()
    headers = {"content-type": content_type, **({"authorization": f"Basic {given}"} if password else {}), **more}
    url = "https://us.example/webhooks/email/demo"
    return Request(body, {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}, url)


def outgoing(content: Content | str = "Your order is on its way.", **more: Any) -> Outgoing:
    """A message of the bot to Maya."""
    given = {"namespace": "email", "address": "maya@example.com", "ref": REF, "conversation": CONVERSATION, **more}
    return Outgoing(Text(content) if isinstance(content, str) else content, **given)


def failure(account: Account, **more: Any) -> DeliveryError:
    """How a send fails."""
    with pytest.raises(DeliveryError) as raised:
        adapter.send(account, outgoing(**more))
    return raised.value


def free_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
