"""What does a site say of who has just logged in? The token's claims, as attributes; what does not fit is left out."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from common.ids import uuid7
from customers import attributes
from customers.handles import Resolution

log = logging.getLogger(__name__)

# Claims with a meaning of their own (OpenID Connect Core, section 5.1), and the attribute that each one fills.
STANDARD = {
    "name": "name",
    "given_name": "first_name",
    "family_name": "last_name",
    "birthdate": "birth_date",
    "locale": "language",
}
OWN = "attributes"  # an object: whatever else the site says, by the attribute's key
MOST = 20
LONGEST = 200  # characters of a standard claim
KEY = re.compile(r"[a-z][a-z0-9_]{0,99}")


def note(*, resolution: Resolution, claims: Mapping[str, Any], at: datetime) -> list[str]:
    """Observes what is news; returns the keys that were refused, which the log names with the reason.

    A login never fails on what it says besides who it is.
    """
    known, write, refused = attributes.values(resolution.root), uuid7(), []
    for key, value in _said(claims):
        if known.get(key) == value:
            continue
        try:
            attributes.observe(
                customer=resolution.origin,
                identity=resolution.identity,
                key=key,
                value=value,
                source="site",
                occurred_at=at,
                source_event_id=f"login:{write}",
                write_group=write,
            )
        except attributes.Refused as refusal:
            log.warning("a login's claim was left out: %s", refusal.detail)
            refused.append(key)
    return refused


def _said(claims: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for claim, key in STANDARD.items():
        text = claims.get(claim)
        if isinstance(text, str) and text.strip():
            yield key, text.strip()[:LONGEST]
    own = claims.get(OWN)
    if isinstance(own, Mapping):
        yield from [(key, value) for key, value in own.items() if KEY.fullmatch(key)][:MOST]
