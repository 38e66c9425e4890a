"""How is Meta's Graph reached? One line of connections per account and token; every failure comes in our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, wire
from channels_app.adapters.whatsapp.errors import of_answer

__all__ = ["BASE_URL", "VERSION", "call", "of_answer"]

BASE_URL = "https://graph.facebook.com"
VERSION = "v25.0"


def call(
    account: Account,
    method: str,
    path: str,
    *,
    of_answer: Callable[[httpx.Response], DeliveryError] = of_answer,
    **content: Any,
) -> httpx.Response:
    """One request below the version; the answer if it is a success, else `DeliveryError`."""
    return wire.call(lambda: _line(account).ask(method, path, **content), of_answer)


def _line(account: Account) -> wire.Line:
    root = f"{account.text('base_url', BASE_URL).rstrip('/')}/{account.text('version', VERSION)}/"
    token = account.secret("access_token")
    return wire.line(root, {"authorization": f"Bearer {token}"} if token else base.NOTHING)
