"""What may a screen say about a file? Plain facts, the same for the inbox, the widget and the API."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from conversations import filenames, sniffing
from conversations.models import Attachment

State = Attachment.State
SIDE = 320  # CSS pixels that a picture takes in a bubble; its small copy has twice as many, for sharp screens
STICKER_SIDE = 512  # pixels: what messengers make stickers of


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as text and numbers; `kind` is how it is shown: image, audio, video, else file.

    `state` is coming, stored or failed; `width` and `height` are what a picture takes in a bubble, else 0.
    """

    id: UUID
    name: str
    kind: str
    media_type: str
    size: int
    state: str
    reason: str = ""
    width: int = 0
    height: int = 0
    is_sticker: bool = False

    def to_json(self) -> dict[str, Any]:
        """For screens and programs that draw it themselves."""
        return {
            "id": str(self.id),
            "name": self.name,
            "kind": self.kind,
            "media_type": self.media_type,
            "size": self.size,
            "state": self.state,
            "width": self.width,
            "height": self.height,
        }


def of_messages(message_ids: Collection[int]) -> dict[int, list[ShownFile]]:
    """The files by message id, in the order in which they were named. One query."""
    found: dict[int, list[ShownFile]] = {}
    rows = Attachment.objects.filter(message_id__in=message_ids).order_by("pk") if message_ids else ()
    for row in rows:
        if row.message_id is not None:
            found.setdefault(row.message_id, []).append(shown(row))
    return found


def shown(attachment: Attachment) -> ShownFile:
    """One file; before it is stored, what its sender said of it."""
    media_type = attachment.sniffed_type or sniffing.plain(attachment.media_type)
    is_stored = attachment.state == State.STORED
    kind = sniffing.family(media_type) if attachment.is_inline or not is_stored else "file"
    kind = "file" if kind == "image" and is_stored and not attachment.thumb else kind
    width, height = _small(attachment) if kind == "image" else (0, 0)
    return ShownFile(
        id=attachment.public_id,
        name=filenames.of(attachment.name, media_type),
        kind=kind,
        media_type=media_type,
        size=attachment.size or 0,
        state={State.STORED: "stored", State.FAILED: "failed"}.get(State(attachment.state), "coming"),
        reason=attachment.reason,
        width=width,
        height=height,
        is_sticker=media_type == "image/webp" and attachment.width == STICKER_SIDE == attachment.height,
    )


def _small(attachment: Attachment) -> tuple[int, int]:
    width, height = attachment.width or 0, attachment.height or 0
    scale = min(1.0, SIDE / max(width, height, 1))
    return max(1, round(width * scale)), max(1, round(height * scale))
