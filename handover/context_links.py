"""Which pages of other systems stand beside a conversation, and where do they lead for its customer?

Administrators write the addresses. What a customer said only ever fills one place of them, encoded, so that it is
never more than a value there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from customers import definitions
from customers.models import Customer, Identity
from customers.namespaces import Namespace
from handover.models import ContextLink

PLACE = re.compile(r"\{([^{}]*)\}")
ODD = re.compile(r"[\s\\\x00-\x1f\x7f<>\"'`]")
PUBLIC_ID = "public_id"
ADDRESSES = {
    Namespace.SITE_USER: "user_id",
    Namespace.CUSTOMER_NUMBER: "customer_number",
    Namespace.EMAIL: "email",
    Namespace.PHONE: "phone",
}


def every() -> list[ContextLink]:
    """The links in their order. One query."""
    return list(ContextLink.objects.all())


def flaw(url: str) -> str:
    """Why this cannot be the address of a link, '' if it can."""
    if ODD.search(url):
        return _("An address has no spaces, quotes or backslashes.")
    is_path = url.startswith("/") and not url.startswith("//")
    if not is_path and not _names_a_host(url):
        return _("Begin with https:// and a host, or with a single / for a page of this site.")
    names = PLACE.findall(url)
    if "{" in PLACE.sub("", url) or "}" in PLACE.sub("", url):
        return _("A brace stands alone: a place is a name between two braces.")
    known = {PUBLIC_ID, *ADDRESSES.values(), *definitions.every()}
    if unknown := next((name for name in names if name not in known), None):
        return _("Nothing is called {%(name)s}.") % {"name": unknown}
    return _("A place needs a name.") if "" in names else ""


def told(root: Customer, held: Iterable[Identity], facts: Mapping[str, str]) -> dict[str, str]:
    """What the places say: of these addresses the best of each kind, and these attributes; nothing that is empty."""
    found = {name: text for name, text in facts.items() if text}
    for row in sorted(held, key=_weight):
        if row.namespace in ADDRESSES and row.valid_to is None and row.proof != Identity.Proof.CLAIMED:
            found[ADDRESSES[Namespace(row.namespace)]] = row.raw
    return {**found, PUBLIC_ID: str(root.public_id)}


def filled(url: str, values: Mapping[str, str]) -> str:
    """The address for a customer; '' if a place has no value, or would lead elsewhere than it says."""
    if flaw(url) or any(not values.get(name) for name in PLACE.findall(url)):
        return ""
    address = PLACE.sub(lambda place: quote(values[place[1]], safe=""), url)
    is_straight = not any(part in (".", "..") for part in urlsplit(address).path.split("/"))
    return address if is_straight else ""


def _names_a_host(url: str) -> bool:
    try:
        found = urlsplit(url)
        return found.scheme == "https" and bool(found.hostname) and not set("{}@") & set(found.netloc)
    except ValueError:
        return False


def _weight(row: Identity) -> tuple[bool, float, bool, int]:
    """The primary address counts most, then a proven one, then the newest."""
    marked = row.primary_at.timestamp() if row.primary_at else 0.0
    return not row.shared, marked, row.is_proven, row.pk
