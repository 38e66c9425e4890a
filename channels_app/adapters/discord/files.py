"""How is a file of a customer fetched? From Discord's own hosts; a link that has run out is renewed once."""

from __future__ import annotations

from urllib.parse import urlsplit

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, File, wire
from channels_app.adapters.discord import client
from common import safe_http

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")
BYTES_MAX = 25 * 1024 * 1024
EXPIRED = frozenset({403, 404})


def fetch(account: Account, reference: str) -> File:
    """The file behind an attachment's link; `DeliveryError` if there is none any more, or not now."""
    hosts: tuple[str, ...] = HOSTS
    if own := account.text("base_url"):
        hosts = (urlsplit(own).hostname or "",)
    try:
        found = safe_http.get(reference, hosts=hosts, max_bytes=BYTES_MAX)
    except safe_http.BadStatus as error:
        if error.status not in EXPIRED:
            raise _failed(error) from error
        return _get(_renewed(account, reference), hosts)
    except safe_http.FetchError as error:
        raise _failed(error) from error
    return File(found.content, found.media_type)


def _get(url: str, hosts: tuple[str, ...]) -> File:
    try:
        found = safe_http.get(url, hosts=hosts, max_bytes=BYTES_MAX)
    except safe_http.FetchError as error:
        raise _failed(error) from error
    return File(found.content, found.media_type)


def _renewed(account: Account, url: str) -> str:
    """The same file under a link that has not run out."""
    asked = {"attachment_urls": [url]}
    answer = client.call(account, "POST", "attachments/refresh-urls", bucket="attachments", json=asked)
    first = next(iter(base.items(wire.body(answer).get("refreshed_urls"))), base.NOTHING)
    if not (found := base.text(first, "refreshed")):
        raise DeliveryError("rejected", provider_text="the file is gone")
    return found


def _failed(error: safe_http.FetchError) -> DeliveryError:
    status = error.status if isinstance(error, safe_http.BadStatus) else None
    reason = "rejected" if error.is_permanent else "provider_down"
    return DeliveryError(reason, provider_text=str(error), http_status=status)
