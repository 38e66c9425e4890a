"""How does a file of a Telegram customer come to us? Two steps: `getFile` names its path, the file server gives it."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, File
from channels_app.adapters.telegram import client
from common import safe_http

LARGEST = 20 * 1024 * 1024  # bytes; `getFile` gives no more
SECONDS = 60.0


def fetch(account: Account, reference: str) -> File:
    """The file of a `file_id`; it is looked up anew each time, for its path is good for an hour only."""
    path = base.text(client.ask(account, "getFile", {"file_id": reference}), "file_path")
    if not path:
        raise DeliveryError("rejected", provider_text="Telegram names no path for this file")
    url = f"{client.root(account)}/file/bot{account.secret('token')}/{quote(path)}"
    host = urlsplit(url).hostname or ""
    try:
        found = safe_http.get(url, hosts=[host], max_bytes=LARGEST, seconds=SECONDS)
    except safe_http.FetchError as error:
        reason = "rejected" if error.is_permanent else "provider_down"
        raise DeliveryError(reason, provider_text=f"the file: {error}") from error
    return File(found.content, found.media_type or "application/octet-stream", path.rpartition("/")[2][:255])
