"""What may a stranger's file be called? A short name that is text everywhere: in a page, a header, a folder."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

LONGEST = 120  # characters
ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
FOLDERS = re.compile(r"[\\/]+")
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?\Z", re.IGNORECASE)
BASES = {"image": "picture", "audio": "recording", "video": "video"}
ENDINGS = {"image/webp": ".webp", "audio/ogg": ".ogg", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "text/plain": ".txt"}


def clean(name: str) -> str:
    """The last part of a path without anything invisible: no control characters, no reversed writing direction."""
    last = next((part for part in reversed(FOLDERS.split(name[:5000])) if part.strip(". ")), "")
    kept = "".join(" " if char in "\t\n\r" else char for char in last if not _is_hidden(char))
    kept = " ".join(unicodedata.normalize("NFC", kept).split()).strip(". ")
    if DEVICES.match(kept):
        kept = f"_{kept}"
    ending = found.group() if (found := ENDING.search(kept)) else ""
    return kept if len(kept) <= LONGEST else kept[: LONGEST - len(ending)].rstrip() + ending


def of(name: str, media_type: str) -> str:
    """The cleaned name, or one made of the type: `picture.jpg`."""
    if cleaned := clean(name):
        return cleaned
    ending = ENDINGS.get(media_type) or mimetypes.guess_extension(media_type) or ""
    return BASES.get(media_type.partition("/")[0], "file") + ending


def _is_hidden(char: str) -> bool:
    """Format characters would turn `gpj.exe` round; surrogates and private ones cannot be shown."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") and char not in "\t\n\r"
