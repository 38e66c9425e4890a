"""Who may open a file, and until when? Signed links: short ones for people, longer ones that hang on a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from common import clock

SALT = "throughline.files"
FOR_PEOPLE = 300  # seconds: access is checked when the link is made
FOR_DELIVERY = 7 * 24 * 3600  # seconds: providers fetch late, and some customers get the link itself
Part = Literal["file", "thumb"]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link leads to; `is_delivered`: it is worth something only while its message went out with the file."""

    public_id: UUID
    part: Part
    is_delivered: bool


def for_person(public_id: UUID, part: Part = "file") -> str:
    """A link for somebody who may see the file now, in a page of this installation; a path while files have no host."""
    return settings.FILES_URL + _path(public_id, part, FOR_PEOPLE, is_delivered=False)


def for_delivery(public_id: UUID) -> str:
    """A link for the provider, or the customer, that the file's message goes to."""
    return (settings.FILES_URL or settings.PUBLIC_URL) + _path(public_id, "file", FOR_DELIVERY, is_delivered=True)


def opened(token: str) -> Opened | None:
    """What the token stands for; None if it is forged or its time is up."""
    if len(token) > 300:
        return None
    try:
        found = signing.loads(token, salt=SALT)
        public_id, part, until, is_delivered = found
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if until <= clock.now().timestamp():
        return None
    return Opened(UUID(public_id), "thumb" if part == "t" else "file", bool(is_delivered))


def _path(public_id: UUID, part: Part, seconds: int, *, is_delivered: bool) -> str:
    until = int(clock.now().timestamp()) + seconds
    token = signing.dumps([public_id.hex, part[0], until, int(is_delivered)], salt=SALT)
    return reverse("file", args=[token])
