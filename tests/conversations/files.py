"""Which files do tests handle? Small real ones, drawn when they are needed."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

from common.files import File
from conversations import attachments
from conversations.models import Attachment, Message

PDF = b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>\n%%EOF"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=1"><script>document.title=2</script></svg>'
HTML = b"<!doctype html><script>document.title='owned'</script>"
OGG = b"OggS\x00\x02" + bytes(20) + b"\x01vorbis" + bytes(200)
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(300)
GIF_JS = b"GIF89a/*" + bytes(20) + b"*/=1;document.title=3;//"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), colour: str = "teal", **options: object) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def with_gps(kind: str = "JPEG", size: tuple[int, int] = (40, 30), orientation: int = 1) -> bytes:
    """A photo that says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[2] = (59.0, 19.0, 45.0)
    return picture(kind, size, exif=exif.tobytes())


def animated() -> bytes:
    """A GIF of two frames."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of few bytes that claims to be huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def document() -> bytes:
    """The bones of a .docx."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<w/>")
    return out.getvalue()


def referenced(message: Message, reference: str = "media-1", **fields: object) -> Attachment:
    """A file that a message names and nobody has fetched."""
    return Attachment.objects.create(
        message=message, customer_id=message.customer_id, reference=reference, recorded_at=message.recorded_at, **fields
    )


def stored(message: Message, content: bytes, *, name: str = "", media_type: str = "") -> Attachment:
    """A file of a message that has been fetched."""
    made = referenced(message, name=name, media_type=media_type)
    assert attachments.store(made, File(content, media_type or "application/octet-stream", name))
    return made
