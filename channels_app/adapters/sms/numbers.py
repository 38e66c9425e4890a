"""Whom does an address of Twilio's mean, and may it be written to? `+46...`, `whatsapp:+46...`, `whatsapp:US.123`."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumberType

from channels_app.adapters.base import Account, DeliveryError, Handles

WHATSAPP = "whatsapp:"
BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")


def is_whatsapp(address: str) -> bool:
    """Is this a WhatsApp address of Twilio's?"""
    return address.startswith(WHATSAPP)


def digits(address: str) -> str:
    """The digits of a number."""
    return re.sub(r"\D", "", address.removeprefix(WHATSAPP))


def plain(address: str) -> str:
    """One form for every way to write an address of ours; a messaging service's id stays as it is."""
    if address.startswith("MG"):
        return address
    return (WHATSAPP if is_whatsapp(address) else "") + digits(address)


def sending(address: str) -> str:
    """An address of ours as Twilio wants it: E.164; short codes, names and messaging services stay as they are."""
    bare = address.removeprefix(WHATSAPP)
    if len(digits(address)) < 7 or any(character.isalpha() for character in bare):
        return address
    return (WHATSAPP if is_whatsapp(address) else "") + "+" + digits(address)


def handles(sender: str, user_id: str, name: str, scope: str) -> Handles:
    """Who wrote. An SMS's sender can be forged, so it proves nothing; WhatsApp vouches for its own."""
    if not is_whatsapp(sender):
        return (("phone", "", sender, "imported", ""),) if sender else ()
    said = dict.fromkeys((sender.removeprefix(WHATSAPP), user_id.removeprefix(WHATSAPP)))
    found = sorted(filter(None, said), key=lambda raw: bool(BSUID.fullmatch(raw)))  # the phone is answered to
    return tuple((_namespace(raw), scope, raw, "provider", name) for raw in found if _is_known(raw))


def _namespace(raw: str) -> str:
    found = BSUID.fullmatch(raw)
    return "phone" if not found else "wa_parent_bsuid" if found.group(1) else "wa_bsuid"


def _is_known(raw: str) -> bool:
    return bool(BSUID.fullmatch(raw)) or raw.lstrip("+").isdigit()


def to(account: Account, namespace: str, address: str) -> str:
    """The recipient as Twilio wants it; `DeliveryError("unreachable")` for what this sender cannot write to."""
    ours = account.text("number", account.account)
    if namespace == "phone":
        number = "+" + digits(address)
        return f"{WHATSAPP}{number}" if is_whatsapp(ours) else number
    if namespace == "wa_bsuid" and is_whatsapp(ours):
        return WHATSAPP + address
    raise DeliveryError("unreachable", provider_text=f"this number cannot write to a {namespace}")


def refuse_dear(account: Account, recipient: str) -> None:
    """`DeliveryError("rejected")` for a premium number, and for a country that the channel does not name."""
    if is_whatsapp(recipient):
        return
    try:
        number = phonenumbers.parse(recipient)
    except phonenumbers.NumberParseException:
        return  # Twilio will say so
    if phonenumbers.number_type(number) == PhoneNumberType.PREMIUM_RATE:
        raise DeliveryError("rejected", provider_text="premium numbers are not written to")
    allowed = _countries(account.config.get("countries"))
    # Where a prefix is shared (+1), a number that no plan knows counts as one of the largest country.
    main = phonenumbers.region_code_for_country_code(number.country_code or 0)
    region = phonenumbers.region_code_for_number(number) or main
    if allowed and region not in allowed:
        raise DeliveryError("rejected", provider_text=f"{region} is not on this channel's list of countries")


def _countries(listed: object) -> set[str]:
    words = listed if isinstance(listed, list) else re.split(r"[\s,;]+", listed) if isinstance(listed, str) else []
    return {word.strip().upper() for word in words if isinstance(word, str) and word.strip()}
