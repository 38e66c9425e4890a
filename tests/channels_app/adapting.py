"""How is the WhatsApp adapter asked in tests? Through the registry, with an account of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from channels_app.registry import Account, Outgoing, RawEvent, Request, Sent, adapter
from conversations.content import Content
from tests.channels_app import providers, whatsapp

ACCOUNT = Account(
    key="whatsapp-demo",
    account=whatsapp.NUMBER,
    config={"portfolio_id": "portfolio-1"},
    credentials={"app_secret": whatsapp.SECRET, "verify_token": whatsapp.TOKEN, "access_token": "t"},
)
WHATSAPP = adapter("whatsapp")
BSUID, PARENT = "US.13491208655302741918", "US.ENT.11815799212886844830"
PAYLOADS = Path(os.environ.get("PAYLOADS_DIR") or Path(__file__).parents[2].parent / "shared" / "payloads")
CORPUS = sorted(PAYLOADS.glob("whatsapp/*.json"))


def split(*values: whatsapp.Json) -> tuple[RawEvent, ...]:
    """The events of a signed webhook."""
    raw = whatsapp.body(*values)
    request = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw).encode()})
    return WHATSAPP.verify(request, [ACCOUNT]).events


def read(message: whatsapp.Json, **contact: Any) -> Any:
    """One message through split and parse."""
    value = whatsapp.value(message)
    if contact:
        value["contacts"] = [contact]
    (event,) = split(value)
    (parsed,) = WHATSAPP.parse(event.raw, ACCOUNT)
    return parsed


def write(
    content: Content,
    *,
    namespace: str = "phone",
    address: str = "+46 70 174 06 35",
    reply_to: str = "",
    answer: Any = None,
) -> tuple[dict[str, Any], Sent]:
    """What is posted to Graph for one content, and what came of it."""
    with providers.graph() as graph:
        graph.script = [answer] if answer else []
        account = Account(ACCOUNT.key, ACCOUNT.account, {"base_url": graph.url}, ACCOUNT.credentials)
        outgoing = Outgoing(content, namespace, address, "ref-1", reply_to)
        sent = WHATSAPP.send(account, outgoing)
        return graph.accepted[0], sent
