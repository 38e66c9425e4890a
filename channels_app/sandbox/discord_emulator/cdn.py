"""Where are files that people sent? Behind signed links that run out, as at Discord's CDN."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from urllib.parse import quote, urlsplit

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.discord_emulator import objects
from channels_app.sandbox.discord_emulator.objects import Json
from channels_app.sandbox.kit import Answer
from channels_app.sandbox.models import SandboxFile
from common import clock

LIFE = timedelta(hours=24)
GONE = Answer(404, "This content is no longer available.", content_type="text/plain;charset=UTF-8")


def attachment(channel: Channel, place: str, row: SandboxFile) -> Json:
    """The attachment object of a kept file."""
    url = link(channel, place, row)
    return {
        "id": str(10**17 + row.pk),
        "filename": row.name,
        "size": len(row.content),
        "url": url,
        "proxy_url": url,
        "content_type": row.media_type,
    }


def link(channel: Channel, place: str, row: SandboxFile) -> str:
    """A link to a kept file that runs out after a day."""
    now = clock.now()
    path = f"attachments/{place}/{row.public_id}/{quote(row.name, safe='')}"
    until, since = f"{int((now + LIFE).timestamp()):x}", f"{int(now.timestamp()):x}"
    return f"{objects.root()}/{path}?ex={until}&is={since}&hm={_signature(channel, str(row.public_id), until)}"


def serve(channel: Channel, public_id: str, until: str, signature: str) -> Answer:
    """The file, or the 404 of a link that ran out or was never given."""
    row = kit.file(channel, public_id)
    if row is None or not hmac.compare_digest(signature, _signature(channel, public_id, until)):
        return GONE
    if not _is_time(until) or int(until, 16) <= clock.now().timestamp():
        return GONE
    return Answer(200, bytes(row.content), content_type=row.media_type)


def refresh(channel: Channel, url: str) -> str:
    """The same file under a new link; '' if it is none of ours."""
    parts = urlsplit(url).path.split("/attachments/")[-1].split("/")
    row = kit.file(channel, parts[1]) if len(parts) == 3 else None
    return link(channel, parts[0], row) if row else ""


def _signature(channel: Channel, public_id: str, until: str) -> str:
    key = kit.secret(f"discord cdn {channel.account}")
    return hmac.new(key.encode(), f"{public_id}:{until}".encode(), hashlib.sha256).hexdigest()


def _is_time(text: str) -> bool:
    return 0 < len(text) <= 12 and all(sign in "0123456789abcdef" for sign in text)
