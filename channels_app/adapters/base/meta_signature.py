"""Does a webhook really come from Meta? HMAC over the raw bytes, and the handshake that proves our URL."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from channels_app.adapters.base.contract import Account, BadSignature, Request

HEADER = b"x-hub-signature-256"


def sign(body: bytes, secret: str) -> bytes:
    """The header's value for a body."""
    return b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def check(request: Request, accounts: Sequence[Account]) -> None:
    """Raises `BadSignature` unless a secret of the app signed these very bytes; every secret is tried, in full."""
    given = request.headers.get(HEADER, b"")
    fits = [hmac.compare_digest(given, sign(request.body, secret)) for secret in secrets(accounts, "app_secret")]
    if not any(fits):
        raise BadSignature("no secret of this app fits")


def handshake(query: Mapping[str, str], accounts: Sequence[Account]) -> str | None:
    """The challenge to echo, if the token is one of ours."""
    if query.get("hub.mode") != "subscribe":
        return None
    given = query.get("hub.verify_token", "").encode()
    fits = [hmac.compare_digest(given, token.encode()) for token in secrets(accounts, "verify_token")]
    return query.get("hub.challenge", "") if any(fits) else None


def secrets(accounts: Sequence[Account], name: str) -> list[str]:
    """The distinct values that are set, those before a rotation included; many accounts share their app's."""
    return list(dict.fromkeys(secret for account in accounts for secret in account.secrets(name)))
