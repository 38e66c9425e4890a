"""What is this file really? Its bytes decide; what the sender called it can only make us more careful."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import puremagic

UNKNOWN = "application/octet-stream"
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}\Z")
HEAD = 4096  # bytes that are looked at
ZIP_END = struct.Struct("<4s4H2LH")  # how an archive's list of contents ends: its entries, size and place
ZIP64_SIZE = 20  # bytes before that, in which a large archive says where its real end lies
ZIP_ENTRIES_MAX = 10_000  # entries of an archive that is looked into
ZIP_LIST_MAX = 1024 * 1024  # bytes of its list of contents
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
SOUNDS = frozenset({"audio/mpeg", "audio/ogg", "audio/mp4", "audio/aac", "audio/wav", "audio/flac", "audio/webm"})
FILMS = frozenset({"video/mp4", "video/webm", "video/ogg", "video/quicktime", "video/3gpp"})
INLINE = PICTURES | SOUNDS | FILMS
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/x-m4a": "audio/mp4",
        "audio/m4a": "audio/mp4", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav", "audio/opus": "audio/ogg",
        "application/ogg": "audio/ogg", "audio/x-flac": "audio/flac", "video/3gp": "video/3gpp",
    }
)  # fmt: skip
MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"%PDF-", "application/pdf"), (b"ID3", "audio/mpeg"), (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"), (b"#!AMR", "audio/amr"), (b"MZ", "application/x-dosexec"),
    (b"\x7fELF", "application/x-executable"), (b"#!", "text/x-shellscript"), (b"PK\x03\x04", "application/zip"),
)  # fmt: skip
RIFF: Mapping[bytes, str] = MappingProxyType({b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"})
PROGRAMS = frozenset({"application/x-dosexec", "application/x-executable", "text/x-shellscript"})
PROGRAM_ENDINGS = frozenset(
    {
        "ade", "adp", "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "dmg", "exe", "hta", "ins",
        "isp", "jar", "js", "jse", "lib", "lnk", "msc", "msi", "msix", "msp", "mst", "nsh", "ps1", "reg", "scr",
        "sct", "sh", "sys", "vb", "vbe", "vbs", "vxd", "wsc", "wsf", "wsh",
    }
)  # fmt: skip
OFFICE = "application/vnd.openxmlformats-officedocument."
ROOMS: Mapping[str, str] = MappingProxyType(
    {
        "word/": OFFICE + "wordprocessingml.document",
        "xl/": OFFICE + "spreadsheetml.sheet",
        "ppt/": OFFICE + "presentationml.presentation",
    }
)
TAG = re.compile(
    rb"<(!doctype|!--|html|head|body|script|svg|\?xml|img|iframe|a |p>|div|table|style|title|meta|link)", re.I
)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The type that the bytes show, and whether a browser may show it: a safe kind, and what it was said to be."""

    media_type: str
    is_inline: bool


def sniff(content: bytes, *, declared: str = "", name: str = "") -> Sniffed:
    """What the bytes are; a file that claims to be of another family than it is can only be downloaded."""
    found = _of_bytes(content)
    return Sniffed(found, found in INLINE and _agrees(found, plain(declared)) and not is_program(found, name))


def plain(media_type: str) -> str:
    """A media type without parameters, in its usual spelling; '' for what is none."""
    bare = media_type.partition(";")[0].strip().lower()
    return ALIASES.get(bare, bare) if MEDIA_TYPE.match(bare) else ""


def family(media_type: str) -> Literal["image", "audio", "video", "file"]:
    """How a message with it is shown."""
    if media_type in PICTURES:
        return "image"
    head = media_type.partition("/")[0]
    return "audio" if head == "audio" else "video" if head == "video" else "file"


def is_program(media_type: str, name: str) -> bool:
    """Would opening it run something?"""
    _, dot, ending = name.lower().rpartition(".")
    return media_type in PROGRAMS or bool(dot and ending.strip() in PROGRAM_ENDINGS)


def _agrees(found: str, declared: str) -> bool:
    if declared in ("", UNKNOWN, "binary/octet-stream"):
        return True
    heads = {found.partition("/")[0], declared.partition("/")[0]}
    # A recording and a film share their containers: Ogg, MP4 and WebM hold either.
    return len(heads) == 1 or heads == {"audio", "video"}


def _of_bytes(content: bytes) -> str:
    head = content[:HEAD]
    for mark, media_type in MARKS:
        if head.startswith(mark):
            return _of_zip(content) if media_type == "application/zip" else _of_ogg(head, media_type)
    if head[:4] == b"RIFF" and head[8:12] in RIFF:
        return RIFF[head[8:12]]
    if head[4:8] == b"ftyp":
        return _of_mp4(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 in (2, 4):
        return "audio/mpeg"  # layers II and III: the first one would also be the mark of UTF-16
    return _of_text(content) or _guess(content)


def _of_ogg(head: bytes, media_type: str) -> str:
    return "video/ogg" if media_type == "audio/ogg" and b"theora" in head[:200] else media_type


def _of_mp4(brand: bytes) -> str:
    if brand[:3] in (b"M4A", b"M4B"):
        return "audio/mp4"
    if brand[:2] == b"3g":
        return "video/3gpp"
    if brand[:3] in (b"hei", b"hev", b"mif", b"msf", b"avi", b"crx"):
        return "image/avif" if brand[:3] == b"avi" else "image/heic"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _of_zip(content: bytes) -> str:
    """An office document by what lies in it, read from the list of contents only: nothing is unpacked."""
    if not _is_small(content):
        return "application/zip"
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()[:2000]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RecursionError):
        return "application/zip"
    if "[Content_Types].xml" not in names:
        return "application/zip"
    return next(
        (kind for room, kind in ROOMS.items() if any(name.startswith(room) for name in names)), "application/zip"
    )


def _is_small(content: bytes) -> bool:
    """Whether the list of contents may be read: by its end, for the library makes an object of every entry."""
    at = content.rfind(b"PK\x05\x06", max(0, len(content) - ZIP_END.size - 0xFFFF))
    if at < 0 or len(content) - at < ZIP_END.size:
        return False
    if content[max(0, at - ZIP64_SIZE) : at].startswith(b"PK\x06\x07"):
        return False  # the truth about such an archive lies elsewhere, and the library believes that other place
    entries, size = ZIP_END.unpack_from(content, at)[4:6]
    return bool(entries <= ZIP_ENTRIES_MAX and size <= ZIP_LIST_MAX)


def _of_text(content: bytes) -> str:
    """Markup wherever a browser would look for it, plain text if it can be read, '' otherwise."""
    head = content[:HEAD]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = head.replace(b"\0", b"")[2:].lstrip()
    if start.startswith(b"<") or TAG.search(start[:1024]):
        markup = start[:2048].lower()
        return "image/svg+xml" if b"<svg" in markup else "text/xml" if start.startswith(b"<?xml") else "text/html"
    if b"\0" in head:
        return ""
    try:
        content[: HEAD * 4].decode("utf-8")
    except UnicodeDecodeError as error:
        return "" if error.start < min(len(content), HEAD * 4) - 4 else "text/plain"
    return "text/plain"


def _guess(content: bytes) -> str:
    try:
        found = plain(puremagic.from_string(content[: HEAD * 4], mime=True))
    except (puremagic.PureError, ValueError, IndexError):
        return UNKNOWN
    return UNKNOWN if not found or found in INLINE else found  # only our own marks open the way into a page
