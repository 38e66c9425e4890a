"""Who plays in the tests of customers?

Ann is a customer with a phone; Bob is somebody else; Mallory types what is not hers. The shop signs tokens.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from customers import identity
from customers.handles import Handle, Resolution
from customers.models import Customer, Identity

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
ANN, BOB = "5531988888888", "491511234567"
SHOP = "https://shop.example"


def whatsapp(phone: str = "", bsuid: str = "", portfolio: str = "p1", name: str = "") -> list[Handle]:
    handles = [Handle("phone", portfolio, phone, "provider", name)] if phone else []
    return handles + ([Handle("wa_bsuid", portfolio, bsuid, "provider")] if bsuid else [])


def visitor(token: str = "browser-1") -> list[Handle]:
    return [Handle("visitor", "widget", token, "provider")]


def resolve(handles: list[Handle], at: datetime = NOON) -> Resolution:
    found = identity.resolve(handles=handles, occurred_at=at)
    assert found is not None
    return found


def login(subject: str, browser: Identity | None = None, trusted: bool = True, **claims: str) -> Resolution:
    found = identity.identify(
        visitor_identity=browser,
        issuer=SHOP,
        subject=subject,
        claims=claims,
        trusts_site_claims=trusted,
        occurred_at=NOON + timedelta(hours=1),
    )
    assert found is not None
    return found


def imported(phone: str, **more: Any) -> Resolution:
    return resolve([Handle("phone", "", phone, "imported")], **more)


def counts() -> tuple[int, int]:
    return Customer.objects.count(), Identity.objects.count()
