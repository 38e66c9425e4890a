"""What is a customer called on the desk, and how well is an address proven?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import phonenumbers

from common import clock
from customers.models import Attribute, Identity

# What stands for a person without a name, the most telling first.
FALLBACKS = (
    "phone",
    "email",
    "customer_number",
    "site_user",
    "telegram_user",
    "discord_user",
    "wa_bsuid",
    "email_from",
)
WORDS = {
    "phone": "Phone",
    "email": "E-mail",
    "email_from": "E-mail sender",
    "site_user": "Account",
    "customer_number": "Customer number",
    "visitor": "Web visitor",
    "wa_bsuid": "WhatsApp user",
    "wa_parent_bsuid": "WhatsApp account",
    "telegram_user": "Telegram",
    "discord_user": "Discord",
    "messenger_user": "Messenger",
}
PROVEN_BY = {"provider": "proven by its channel", "site": "proven by the site", "otp": "proven by code"}
UNPROVEN = {
    "claimed": "typed, not proven",
    "imported": "imported, not proven",
    "agent": "entered by an agent, not proven",
}
PROVIDERS = {"phone": "proven by WhatsApp", "wa_bsuid": "proven by WhatsApp", "wa_parent_bsuid": "proven by WhatsApp"}


@dataclass(frozen=True, slots=True)
class Badge:
    """The state of a proof in words; `tone` is good, warn or bad."""

    text: str
    tone: str


def names(root_ids: Collection[int]) -> dict[int, str]:
    """What each person is called, by root; at most two queries."""
    wanted = set(root_ids)
    rows = Attribute.objects.filter(root_id__in=wanted, key="name").select_related("observation")
    found = {row.root_id: str(row.observation.value) for row in rows if row.observation.value}
    if missing := wanted - set(found):
        found |= _addresses(missing)
    return {root_id: found.get(root_id, "Unknown visitor") for root_id in wanted}


def badge(identity: Identity, now: datetime | None = None) -> Badge:
    """Says proven and not proven alike: a missing warning would read as verified."""
    now = now or clock.now()
    if identity.valid_to is not None and identity.valid_to <= now:
        return Badge("no longer in use", "bad")
    if identity.proof in UNPROVEN:
        return Badge(UNPROVEN[identity.proof], "warn")
    if identity.shared:
        return Badge("shared by several people", "warn")
    if identity.namespace == "visitor":
        return Badge("this browser only, nobody proven", "warn")
    words = PROVIDERS.get(identity.namespace, "") if identity.proof == "provider" else ""
    if identity.proof_expires_at is not None and identity.proof_expires_at <= now:
        return Badge(f"was {words or PROVEN_BY[identity.proof]}, too long ago", "warn")
    return Badge(words or PROVEN_BY[identity.proof], "good")


def label(identity: Identity) -> str:
    """The address as people write it."""
    if identity.namespace == "visitor":
        return f"Visitor {identity.public_id.hex[-4:]}"
    return _international(identity.raw) if identity.namespace == "phone" else identity.raw


def _international(number: str) -> str:
    try:
        parsed = phonenumbers.parse(f"+{number.lstrip('+')}")
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def _addresses(root_ids: Collection[int]) -> dict[int, str]:
    rows = Identity.objects.filter(customer__root_id__in=root_ids, valid_to__isnull=True).select_related("customer")
    best: dict[int, Identity] = {}
    for row in rows:
        present = best.get(row.customer.root_id)
        if present is None or _rank(row) < _rank(present):
            best[row.customer.root_id] = row
    return {root_id: row.display or label(row) for root_id, row in best.items()}


def _rank(identity: Identity) -> tuple[bool, int]:
    place = FALLBACKS.index(identity.namespace) if identity.namespace in FALLBACKS else len(FALLBACKS)
    return identity.proof == Identity.Proof.CLAIMED, place
