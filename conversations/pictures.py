"""How does a picture of a stranger become harmless? Checked for size before it is decoded, and drawn anew."""

from __future__ import annotations

import io
import struct
import threading
from dataclasses import dataclass

from PIL import Image, ImageOps

from conversations.sniffing import PICTURES

PIXELS_MAX = 40_000_000  # more than any phone takes; each costs four bytes while it is decoded
FRAMES_MAX = 1000
SIDE = 720  # pixels of a thumbnail's longer side
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
QUALITY, THUMB_QUALITY = 90, 80
_turns = threading.Semaphore(2)  # pictures that are decoded at once: the largest take 160 MB each
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, ZeroDivisionError,
    MemoryError, RuntimeError, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be shown: its bytes without what the camera wrote into them, its size, a small copy (WebP)."""

    content: bytes
    width: int
    height: int
    thumb: bytes
    is_animated: bool = False


def redraw(content: bytes, media_type: str) -> Picture | None:
    """The picture made safe; None if it cannot be read or is too large to be looked at.

    What the camera wrote (where, when, with what) never stays: such a picture is encoded anew, upright.
    """
    if media_type not in PICTURES:
        return None
    try:
        with _turns, Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_MAX or getattr(image, "n_frames", 1) > FRAMES_MAX:
                return None
            return _drawn(image, content)
    except BROKEN:
        return None


def _drawn(image: Image.Image, content: bytes) -> Picture:
    is_animated = bool(getattr(image, "is_animated", False))
    has_secrets = _has_secrets(image)
    image.load()  # the whole of it: what breaks halfway is no picture
    kept = content
    if has_secrets and is_animated:
        kept = _encoded(image, image.format or "WEBP", save_all=True)
    upright = image if is_animated else ImageOps.exif_transpose(image)
    if has_secrets and not is_animated:
        kept = _encoded(upright, image.format or "JPEG")
    thumb = _thumbnail(upright)
    return Picture(kept, upright.width, upright.height, thumb, is_animated)


def _has_secrets(image: Image.Image) -> bool:
    """EXIF, XMP, IPTC or a comment: where it was taken may stand in any of them."""
    known = ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif", "photoshop", "comment", "Comment")
    return bool(image.getexif()) or any(image.info.get(name) for name in known) or bool(getattr(image, "text", None))


def _encoded(image: Image.Image, kind: str, **options: bool) -> bytes:
    bare = image if options else image.copy()
    if not options:
        profile = bare.info.get("icc_profile")
        bare.info = {"icc_profile": profile} if profile else {}
    out = io.BytesIO()
    extra = {"quality": QUALITY} if kind in ("JPEG", "WEBP") else {}
    bare.save(out, kind, exif=b"", **extra, **options)
    return out.getvalue()


def _thumbnail(image: Image.Image) -> bytes:
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    small = image.convert("RGBA" if has_alpha else "RGB")
    small.thumbnail((SIDE, SIDE))
    small.info = {}
    out = io.BytesIO()
    small.save(out, "WEBP", quality=THUMB_QUALITY, method=3)
    return out.getvalue()
