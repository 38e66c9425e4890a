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


def signers(request: Request, accounts: Sequence[Account]) -> list[Account]:
    """The accounts of the app that signed these very bytes, or `BadSignature`; every secret is tried, in full.

    While an app's secret is rotated one account knows the new one already: what it shares with others tells their app.
    An account that was given none of its own relies on the others'.
    """
    given = request.headers.get(HEADER, b"")
    tried = {
        secret: hmac.compare_digest(given, sign(request.body, secret)) for secret in secrets(accounts, "app_secret")
    }
    fitting = [one for one in accounts if any(tried[secret] for secret in one.secrets("app_secret"))]
    if not fitting:
        raise BadSignature("no secret of this app fits")
    of_the_app = set(secrets(fitting, "app_secret"))
    known = [(one, set(one.secrets("app_secret"))) for one in accounts]
    return [one for one, its in known if not its or its & of_the_app]


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
