"""How do files travel? Up as an id that a message names, down in two hops with the token and only from Meta's hosts."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, File, wire
from channels_app.adapters.whatsapp import graph
from common import safe_http

HOSTS = ("lookaside.fbsbx.com", "mmg.whatsapp.net", ".cdn.whatsapp.net")  # where Meta keeps what customers sent
MEGABYTE = 1024 * 1024
DOWNLOAD_MAX = 100 * MEGABYTE  # the largest document that WhatsApp carries
# What is shown as what, by type and size; anything else goes as a document.
SHOWN: Mapping[str, tuple[frozenset[str], int]] = {
    "image": (frozenset({"image/jpeg", "image/png"}), 5 * MEGABYTE),
    "audio": (frozenset({"audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"}), 16 * MEGABYTE),
    "video": (frozenset({"video/mp4", "video/3gpp"}), 16 * MEGABYTE),
}


def shown_as(kind: str, file: File) -> str:
    """The type of message that WhatsApp takes this file in: `image`, `audio`, `video`, else `document`."""
    types, most = SHOWN.get(kind, (frozenset(), 0))
    plain = file.media_type.partition(";")[0].strip().lower()
    return kind if plain in types and len(file.content) <= most else "document"


def upload(account: Account, file: File) -> str:
    """The id of the uploaded file; nothing was said to anybody yet, so whatever is unclear may be tried again."""
    part = (file.name or "file", file.content, file.media_type)
    fields = {"messaging_product": "whatsapp", "type": file.media_type}
    try:
        answer = graph.call(account, "POST", f"{account.account}/media", data=fields, files={"file": part})
    except DeliveryError as error:
        if error.reason == "lost":
            raise DeliveryError("provider_down", provider_text="the upload was not answered") from error
        raise
    if not (media_id := base.text(wire.body(answer), "id")):
        raise DeliveryError("provider_down", provider_text="the upload's answer names no file")
    return media_id


def fetch(account: Account, reference: str) -> File:
    """The file behind a media id; an id that expired or never was is `rejected`, for it will not come back."""
    if not reference.isdigit():
        raise DeliveryError("rejected", provider_text="this is no media id")
    found = wire.body(graph.call(account, "GET", reference, of_answer=_of_first_hop))
    url, media_type = base.text(found, "url"), base.text(found, "mime_type")
    bearer = {"Authorization": f"Bearer {account.secret('access_token')}"}
    try:
        loaded = safe_http.get(url, hosts=hosts(account), max_bytes=DOWNLOAD_MAX, headers=bearer, seconds=60.0)
    except safe_http.FetchError as error:
        reason = "rejected" if error.is_permanent else "provider_down"
        raise DeliveryError(reason, provider_text=f"the file did not come: {error}") from error
    return File(loaded.content, media_type or loaded.media_type or "application/octet-stream")


def hosts(account: Account) -> tuple[str, ...]:
    """Whom the token may be shown to: Meta's media hosts, and the API that the account itself names."""
    own = httpx.URL(account.text("base_url", graph.BASE_URL)).host
    return (*HOSTS, own)


def _of_first_hop(answer: httpx.Response) -> DeliveryError:
    """Meta says 400/100/33 and not 404 where a file is gone; that is no fault of the account."""
    error = base.mapping(wire.body(answer).get("error"))
    if answer.status_code == 404 or (error.get("code") == 100 and error.get("error_subcode") == 33):
        return DeliveryError("rejected", provider_code="100/33", provider_text="the file has expired", http_status=400)
    return graph.of_answer(answer)
