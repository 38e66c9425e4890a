"""How does a message in Meta's JSON look on the phone?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from channels_app.models import Channel
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Place, Shown
from channels_app.sandbox.models import SandboxMessage

KINDS: Mapping[str, Literal["image", "audio", "video", "file"]] = {
    "image": "image", "audio": "audio", "video": "video", "file": "file", "story_mention": "image",
}  # fmt: skip
SIGNS = {"like_heart": "❤️"}


def words(body: Mapping[str, Any]) -> str:
    """Its words, or a sign that stands for them."""
    shown = attachments(body)
    return str(body.get("text") or "".join(SIGNS.get(str(one.get("type")), "") for one in shown))


def media(row: SandboxMessage, body: Mapping[str, Any]) -> tuple[Shown, ...]:
    """Its files, from our memory where they lie there."""
    channel = Channel.objects.filter(key=row.channel).first()
    kept = [kit.file(channel, name) for name in body.get("files") or ()] if channel else []
    shown = []
    for place, one in enumerate(attachments(body)):
        kind = KINDS.get(str(one.get("type")))
        file = kept[place] if place < len(kept) else None
        url = kit.file_url(file) if file else str((one.get("payload") or {}).get("url", ""))
        if kind and url:
            shown.append(Shown(kind, url, file.name if file else "", file.media_type if file else ""))
    return tuple(shown)


def place(body: Mapping[str, Any]) -> Place | None:
    """The point on the map, if it is one."""
    for one in attachments(body):
        point = (one.get("payload") or {}).get("coordinates")
        if point:
            return Place(float(point["lat"]), float(point["long"]), str(one.get("title", "")))
    return None


def attachments(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A person's attachments, or ours: one a message."""
    return list(body.get("attachments") or filter(None, [body.get("attachment")]))
