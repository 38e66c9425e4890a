"""Does a webhook really come from Twilio? HMAC over the public URL and the form's fields, with or without a port.

By default SHA-1 and the account's auth token; a header names a shared key and SHA-256 instead. JSON bodies are signed
by their hash in the URL.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from channels_app.adapters.base import Account, BadSignature, Request
from channels_app.adapters.sms import forms

HASHES: Mapping[str, Callable[..., Any]] = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
PORTS = {"https": 443, "http": 80}


def check(request: Request, accounts: Sequence[Account]) -> list[Account]:
    """The accounts whose secret signed this call; `BadSignature` if there is none. Every secret is tried, in full."""
    algorithm, secret = _settings(request.header("x-twilio-webhooks-signature-settings"))
    given = request.headers.get(b"x-twilio-signature", b"")
    signed = _signed(request)
    sender = forms.read(request).get("AccountSid", "")
    found = []
    for account in accounts:
        keys = account.secrets(secret)
        fits = [hmac.compare_digest(given, sign(text, key, algorithm)) for key in keys for text in signed]
        # Another account of Twilio's may share the URL, but not speak for this one.
        if any(fits) and account.text("account_sid", sender) == sender:
            found.append(account)
    if not found:
        raise BadSignature("no secret of this account fits")
    return found


def sign(text: str, secret: str, algorithm: str = "HMAC_SHA1") -> bytes:
    """The header's value for a URL with its fields."""
    digest = hmac.new(secret.encode(), text.encode("utf-8", "surrogatepass"), HASHES[algorithm]).digest()
    return base64.b64encode(digest)


def text(url: str, fields: Sequence[tuple[str, str]]) -> str:
    """What is signed: the URL, then each field's name and its distinct values, sorted."""
    names = sorted({name for name, _ in fields})
    return url + "".join(
        name + value for name in names for value in sorted({value for key, value in fields if key == name})
    )


def _settings(header: str) -> tuple[str, str]:
    """(algorithm, which of our secrets) as the call says; an unknown algorithm is refused."""
    named = dict(part.strip().partition("=")[::2] for part in header.split(",") if part.strip())
    algorithm = (named.get("algorithm") or "HMAC_SHA1").strip().upper()
    if algorithm not in HASHES:
        raise BadSignature("an unknown algorithm")
    return algorithm, "shared_key" if named.get("key") else "auth_token"


def _signed(request: Request) -> list[str]:
    """The texts that Twilio may have signed: the URL with and without its port."""
    try:
        parts = urlsplit(request.url)
        urls = dict.fromkeys((request.url, _with_port(parts), _without_port(parts)))
    except ValueError as error:
        raise BadSignature("no URL") from error
    query = parse_qs(parts.query)
    if "bodySHA256" not in query:
        return [text(url, forms.fields(request)) for url in urls]
    digest = hashlib.sha256(request.body).hexdigest()
    if not hmac.compare_digest(digest, query["bodySHA256"][0].lower()):
        raise BadSignature("another body")
    return list(urls)


def _with_port(parts: SplitResult) -> str:
    port = parts.port or PORTS.get(parts.scheme, 0)
    return urlunsplit(parts._replace(netloc=f"{_host(parts)}:{port}"))


def _without_port(parts: SplitResult) -> str:
    return urlunsplit(parts._replace(netloc=_host(parts)))


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
