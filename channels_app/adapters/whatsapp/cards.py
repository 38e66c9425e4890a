"""What stands on shared contact cards, and is one of them the sender's own answer to a request for the number?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channels_app.adapters import base

ASKED = "contact_request"  # the origin of a card that WhatsApp itself filled in with the sender's number
MANY = 20


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards as words, and the phone that is proven to be the sender's ('' for forwarded cards)."""

    words: str = ""
    own_phone: str = ""


def read(given: object) -> Cards:
    """A list of cards, or an object that holds one beside its `origin`."""
    outer = base.mapping(given)
    cards = base.items(outer.get("contacts")) if outer else base.items(given)
    words = "\n".join(line for card in cards[:MANY] if (line := _line(card)))
    is_answer = len(cards) == 1 and ASKED in (base.text(outer, "origin"), base.text(cards[0], "origin"))
    phones = base.items(cards[0].get("phones")) if is_answer else []
    own = next((raw for phone in phones if (raw := base.text(phone, "wa_id") or base.text(phone, "phone"))), "")
    return Cards(words, own)


def _line(card: Mapping[str, Any]) -> str:
    name = base.mapping(card.get("name"))
    first_last = " ".join(filter(None, (base.text(name, "first_name"), base.text(name, "last_name"))))
    company = base.text(base.mapping(card.get("org")), "company")
    who = base.text(name, "formatted_name") or first_last or company
    phones = [base.text(phone, "phone") or base.text(phone, "wa_id") for phone in base.items(card.get("phones"))]
    mails = [base.text(mail, "email") for mail in base.items(card.get("emails"))]
    return ", ".join(filter(None, (who, *phones, *mails)))[:500]
