"""Where does the pretended WhatsApp keep files? Under ids of digits that expire, behind links that want the token."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.models import SandboxFact, SandboxFile
from channels_app.sandbox.shapes import Upload
from common import clock, numbers

OURS, THEIRS = timedelta(days=30), timedelta(days=7)  # how long an uploaded file, or a customer's, can be had
LINK = timedelta(minutes=5)
FIRST = 1_000_000_000_000_000


def keep(channel: Channel, upload: Upload, lives: timedelta) -> str:
    """Keeps a file and returns its id."""
    row = kit.keep_file(channel, upload)
    media_id = str(FIRST + row.pk)
    kit.remember(channel, f"media:{media_id}", {"file": str(row.public_id), "until": (clock.now() + lives).isoformat()})
    return media_id


def owner(media_id: str) -> Channel | None:
    """The channel whose file this is."""
    fact = SandboxFact.objects.filter(name=f"media:{media_id}").first()
    return kit.channel_by("whatsapp", key=fact.channel) if fact else None


def find(channel: Channel, media_id: str) -> SandboxFile | None:
    """The file, None once its id has expired."""
    fact = kit.recall(channel, f"media:{media_id}")
    if not fact or datetime.fromisoformat(fact["until"]) <= clock.now():
        return None
    return kit.file(channel, fact["file"])


def drop(channel: Channel, media_id: str) -> None:
    """The business deletes a file."""
    kit.forget(channel, f"media:{media_id}")


def facts(row: SandboxFile) -> dict[str, Any]:
    """The members of a media object in a webhook."""
    digest = hashlib.sha256(bytes(row.content)).digest()
    return {"mime_type": row.media_type, "sha256": base64.b64encode(digest).decode()}


def described(row: SandboxFile, media_id: str, root: str) -> dict[str, Any]:
    """The first hop: where to fetch it within some minutes."""
    ends = int((clock.now() + LINK).timestamp())
    link = f"{root}/sandbox/graph/attachments/{media_id}?ext={ends}&hash={seal(media_id, ends)}"
    return {
        "messaging_product": "whatsapp",
        "url": link,
        "mime_type": row.media_type,
        "sha256": hashlib.sha256(bytes(row.content)).hexdigest(),
        "file_size": len(row.content),
        "id": media_id,
    }


def is_open(media_id: str, ends: str, given: str) -> bool:
    """Whether a link is ours and not too old."""
    at = numbers.whole(ends, digits=12)
    return at is not None and at > clock.now().timestamp() and given == seal(media_id, at)


def seal(media_id: str, ends: int) -> str:
    """What only we can put at the end of a link."""
    return kit.secret(f"media {media_id} {ends}")[:32]
