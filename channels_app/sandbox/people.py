"""Who can write in the sandbox? The demo's cast, with the identifiers that providers would send for each."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes on every channel.

    On WhatsApp `phone` may be hidden behind `bsuid` (with a username); `is_bsuid_in_from` is Meta's variant.
    """

    key: str
    name: str
    about: str  # true on every channel
    phone: str = ""
    bsuid: str = ""
    username: str = ""
    is_bsuid_in_from: bool = False
    on_whatsapp: str = ""  # what is special about them there

    @property
    def address(self) -> str:
        """What the business sends to on WhatsApp: the phone if it is known, else the BSUID."""
        return self.phone or self.bsuid

    @property
    def email(self) -> str:
        """Their mailbox."""
        return f"{self.key}@example.com"

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    def digits(self, kind: str, count: int = 10) -> str:
        """An id of so many digits that this person has on a channel: the same on every machine, never led by 0."""
        number = int.from_bytes(hashlib.sha256(f"{kind}:{self.key}".encode()).digest()[:12])
        return str(10 ** (count - 1) + number % (9 * 10 ** (count - 1)))


CAST = (
    Person("maya", "Maya Lindqvist", "She is also maya-4711 in the shop.", "46701740635"),
    Person("tom", "Tom Berger", "Another customer, with a phone number of his own.", "491713920012"),
    Person(
        "noor",
        "Noor Haddad",
        "Another customer, with a phone number and a username.",
        "447700900018",
        "GB.9201755310046218",
        "noor.h",
        on_whatsapp="Phone number and business-scoped id both come with every message.",
    ),
    Person(
        "kai",
        "Kai",
        "Keeps the phone number private and uses a username.",
        "",
        "US.1349830475629104",
        "kai_codes",
        on_whatsapp="Only a business-scoped id comes with a message.",
    ),
    Person(
        "ines",
        "Inês",
        "Keeps the phone number private and uses a username, too.",
        "",
        "PT.7719024460318855",
        "ines.porto",
        is_bsuid_in_from=True,
        on_whatsapp="The business-scoped id stands where the phone would be.",
    ),
)


PASSING = re.compile(r"(guest|lea)-([1-9]\d{6,14})")
NAMES = {"guest": "Guest", "lea": "Lea Sommer"}  # Lea is who the story of ten days is about


def find(key: str) -> Person | None:
    """The person of the cast with this key, or for `guest-<digits>` somebody new with that phone."""
    if found := PASSING.fullmatch(key):
        return Person(key, NAMES[found.group(1)], "", phone=found.group(2))
    return next((person for person in CAST if person.key == key), None)


def is_story(key: str) -> bool:
    """Is this the customer of the story?"""
    return key.startswith("lea-")
