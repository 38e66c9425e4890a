"""How is a customer's picture fetched? From Meta's own file hosts only; the links need no token and expire."""

from __future__ import annotations

import httpx

from channels_app.adapters.base import Account, DeliveryError, File
from common import safe_http

HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com", ".instagram.com")
BYTES_MAX = 25 * 1024 * 1024


def fetch(account: Account, reference: str) -> File:
    """The bytes behind an attachment's link; `DeliveryError` when there are none, permanent if there never will be."""
    try:
        found = safe_http.get(reference, hosts=[*HOSTS, *_own(account)], max_bytes=BYTES_MAX)
    except safe_http.FetchError as error:
        raise DeliveryError("rejected" if error.is_permanent else "provider_down", provider_text=str(error)) from error
    return File(found.content, found.media_type, httpx.URL(reference).path.rpartition("/")[2][:255])


def _own(account: Account) -> list[str]:
    """The pretended provider's host, where one is set."""
    root = account.text("base_url")
    try:
        return [httpx.URL(root).host] if root else []
    except httpx.InvalidURL:
        return []
