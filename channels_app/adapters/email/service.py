"""How is an e-mail service asked for something: mail and files that it keeps, or whether our key is still good?"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, wire
from channels_app.adapters.email import esps
from channels_app.adapters.email.esps import Esp
from channels_app.adapters.email.stored import Stored
from common import safe_http

MAIL_MAX = 40 * 1024 * 1024  # bytes
SECONDS = 60.0
MAILTRAP_INBOUND = "https://mailtrap.io/api/"  # another host than the one that sends
# Where these services keep raw mails: links that need no key, to storage of theirs.
STORES = {
    "resend": (".resend.com", ".amazonaws.com", ".cloudfront.net", ".r2.cloudflarestorage.com"),
    "mailtrap": (".mailtrap.io", ".amazonaws.com", ".cloudfront.net"),
}


def root(account: Account, esp: Esp) -> str:
    """The base URL of its API, as this channel has it."""
    return account.text("base_url", esp.api).rstrip("/") + "/"


def get(account: Account, esp: Esp, path: str, at: str = "") -> httpx.Response:
    """A read-only call with the account's key; `DeliveryError`."""
    line = wire.line(at or root(account, esp), _headers(account, esp))
    return wire.call(lambda: line.ask("GET", path), of_answer)


def of_answer(answer: httpx.Response) -> DeliveryError:
    """What a refusal means, whatever the service: only the status is common to all."""
    status = answer.status_code
    reason = "rejected"
    if status in (401, 402, 403):
        reason = "channel_down"
    elif status == 429:
        reason = "rate_limited"
    elif status >= 500:
        reason = "provider_down"
    wait = answer.headers.get("retry-after", "")
    after = float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 7 else None
    return DeliveryError(reason, retry_after=after, provider_code=str(status), http_status=status)


def collect(account: Account, one: Stored) -> Stored:
    """The raw mail that the service keeps behind a pointer. `DeliveryError`, `common.safe_http.FetchError`."""
    esp = esps.of(account)
    if esp is None or esp.name not in STORES or one.esp != esp.name:
        raise DeliveryError("rejected", provider_text="this channel's service keeps no mail for us")
    url = _resend(account, esp, one) if esp.name == "resend" else _mailtrap(account, esp, one)
    own = urlsplit(account.text("base_url")).hostname
    hosts = (*STORES[esp.name], *((own,) if own else ()))
    found = safe_http.get(url, hosts=hosts, max_bytes=MAIL_MAX, seconds=SECONDS)
    return Stored("mime", found.content, esp.name, "message/rfc822", event_id=one.event_id)


def _resend(account: Account, esp: Esp, one: Stored) -> str:
    email_id = base.text(base.mapping(base.mapping(one.json()).get("data")), "email_id")
    data = wire.body(get(account, esp, f"emails/receiving/{quote(email_id, safe='')}"))
    return _named(base.text(base.mapping(data.get("raw")), "download_url"))


def _mailtrap(account: Account, esp: Esp, one: Stored) -> str:
    event: Mapping[str, object] = next(iter(base.items(base.mapping(one.json()).get("events"))), base.NOTHING)
    inbox, message = (quote(base.text(event, name), safe="") for name in ("inbox_id", "message_id"))
    at = account.text("base_url", MAILTRAP_INBOUND).rstrip("/") + "/"
    data = wire.body(get(account, esp, f"inbound/inboxes/{inbox}/messages/{message}", at))
    return _named(base.text(data, "raw_message_url"))


def _named(url: str) -> str:
    if not url:
        raise DeliveryError("rejected", provider_text="the service names no raw mail")
    return url


def _headers(account: Account, esp: Esp) -> dict[str, str]:
    key, second = account.secret("api_key"), account.secret("api_secret")
    if esp.name == "mailtrap":
        return {"Authorization": f"Bearer {key}"}
    _, name, value = esp.asks
    user = f"{key}:{second}" if second else f"api:{key}"
    return {name: value.format(key=key, basic=b64encode(user.encode()).decode())} if name and key else {}
