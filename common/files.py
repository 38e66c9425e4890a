"""What is a file while it is in memory?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class File:
    """A file as it goes out or came in; `media_type` and `name` are what the other side called it."""

    content: bytes
    media_type: str = "application/octet-stream"
    name: str = ""
