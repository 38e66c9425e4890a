"""Where is a file of a mail? In the stored event it came in, or, with Brevo, at the service.

A reference is JSON: {"event": <key of the stored event>, "part": <number>} or {"brevo": <download token>}. Nothing is
copied at parse time: `fetch` reads the event again (`base.kept`) and takes the part out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote

from channels_app.adapters import base
from channels_app.adapters.base import Account, DeliveryError, File, kept
from channels_app.adapters.email import esps, mime, service, stored
from channels_app.adapters.email.letters import Letter, Part
from channels_app.adapters.email.stored import Stored

MOST = 30  # files of one mail
TOKEN_MAX = 600


def of(one: Stored, letter: Letter) -> tuple[dict[str, Any], ...]:
    """The files of a mail as references."""
    found = [
        {
            "reference": base.dumps({"event": one.key, "part": part.number}),
            "media_type": part.media_type,
            "name": part.name,
            "size": len(part.content()),
        }
        for part in letter.parts[:MOST]
    ]
    return tuple([*found, *(_of_brevo(one) if one.esp == "brevo" else [])][:MOST])


def fetch(account: Account, reference: str) -> File:
    """The file; `DeliveryError` if the event is no longer kept, or the service does not give it."""
    try:
        named = base.mapping(base.loads(reference))
    except base.Malformed:
        named = base.NOTHING
    if token := base.text(named, "brevo"):
        return _from_brevo(account, token)
    number = named.get("part")
    parts = _parts(kept.raw(account.key, base.text(named, "event")))
    if not isinstance(number, int) or not 0 <= number < len(parts):
        raise DeliveryError("rejected", provider_text="the message has no such file")
    part = parts[number]
    return File(part.content(), part.media_type, part.name)


@lru_cache(maxsize=1)
def _parts(event: str) -> list[Part]:
    """The files of an event; the last one is remembered, because its files are fetched one after another."""
    raw = mime.raw(stored.unpack(event))
    return Letter(raw).parts if raw is not None else []


def _of_brevo(one: Stored) -> list[dict[str, Any]]:
    found = []
    for item in base.items(base.mapping(one.json()).get("items")):
        for file in base.items(item.get("Attachments")):
            token, size = base.text(file, "DownloadToken"), file.get("ContentLength")
            if token and len(token) <= TOKEN_MAX:
                found.append(
                    {
                        "reference": base.dumps({"brevo": token}),
                        "media_type": (base.text(file, "ContentType") or "application/octet-stream")[:100],
                        "name": base.text(file, "Name")[:200],
                        "size": size if isinstance(size, int) else 0,
                    }
                )
    return found


def _from_brevo(account: Account, token: str) -> File:
    answer = service.get(account, esps.ESPS["brevo"], f"inbound/attachments/{quote(token, safe='')}")
    media_type = answer.headers.get("content-type", "application/octet-stream").partition(";")[0]
    return File(answer.content, media_type[:100])
