"""What is a customer called on the desk, and how well is an address proven?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import phonenumbers
from django.utils.translation import gettext as _

from common import clock
from conversations.models import Session
from customers import naming, pages_words
from customers.models import Identity

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


def names(root_ids: Collection[int], *, at_hand: Collection[int] = ()) -> dict[int, str]:
    """What each person is called, by root; at most two queries. An address stands for who has no name: masked, as it
    is beside the thread, but for the identities `at_hand`, over which the conversation is held."""
    return naming.names(root_ids, write=partial(_called, at_hand), reveals=True)


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
        return _("Visitor %(sign)s") % {"sign": identity.public_id.hex[-4:]}
    return _international(identity.raw) if identity.namespace == "phone" else identity.raw


def way(session: Session) -> str:
    """The address that a session, or another place of the person, answers to: whole where this conversation is held,
    elsewhere as the side bar shows it."""
    return label(session.identity) if session.pk is not None else pages_words.address(session.identity)


def _called(at_hand: Collection[int], identity: Identity) -> str:
    is_plain = identity.namespace == "visitor" or identity.pk in at_hand
    return label(identity) if is_plain else pages_words.address(identity)


def _international(number: str) -> str:
    try:
        parsed = phonenumbers.parse(f"+{number.lstrip('+')}")
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
