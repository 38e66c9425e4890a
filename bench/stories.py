"""How is a story of two people told? Through the doors that providers, sites and people come in by."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from customers.handles import Handle, Resolution
    from customers.models import Customer, Identity

SHOP = "https://shop.example"
FIRST = ("Ana", "Maria", "João", "Zoë", "Søren", "Łukasz", "José", "Nguyễn", "Amélie", "Oğuz", "Mia", "Noor")
LAST = ("Silva", "García", "Lindqvist", "Müller", "O'Brien", "Ångström", "Costa", "Núñez", "Kowalski", "Demir")
CITIES = ("Lund", "Recife", "Puebla", "Rosario", "Köln")
Sides = tuple["Customer", "Customer"]


class Story:
    """The dice, and numbers and names that no other pair has."""

    def __init__(self, number: int, dice: Random) -> None:
        from common import clock

        self.number, self.dice, self.now = number, dice, clock.now()
        self.name = f"{dice.choice(FIRST)} {dice.choice(LAST)} {number}"
        self.mail = f"p{number}"

    def mobile(self, country: str = "") -> str:
        """The digits of a mobile phone as WhatsApp writes them."""
        country = country or self.dice.choice(("BR", "MX", "AR", "SE", "DE"))
        tail = f"{self.number % 10**7:07}"
        whole = {"BR": f"55319{self.dice.choice('6789')}{tail}", "MX": f"5215{5 + self.number % 2}1{tail}"}
        return {**whole, "AR": f"549114{tail}", "SE": f"4670{tail}", "DE": f"491511{tail}"}[country]

    def writes(self, phone: str, *, bsuid: str = "", at: datetime | None = None) -> Resolution:
        """A WhatsApp message, the sender proven by the provider."""
        handles = [handle("phone", phone, "provider", scope="p1")]
        handles += [handle("wa_bsuid", bsuid, "provider", scope="p1")] if bsuid else []
        return resolve(handles, at or self.now)

    def browses(self, side: str, *, phone: str = "", mail: str = "") -> Resolution:
        """A visit of the web page; what is typed there is claimed and no more."""
        typed = [handle("visitor", f"{self.number}-{side}", "provider", scope="widget")]
        typed += [handle("phone", phone, "claimed")] if phone else []
        typed += [handle("email", mail, "claimed")] if mail else []
        return resolve(typed, self.now)

    def mails(self, address: str) -> Resolution:
        """A mail whose sender is authenticated."""
        return resolve([handle("email", address, "provider")], self.now)

    def imports(self, **said: str) -> Resolution:
        """A row of a trusted file."""
        return resolve([handle(kind, raw, "imported") for kind, raw in said.items()], self.now)

    def signs_in(self, user: str, *, browser: Identity | None = None, trusted: bool = False, **claims: str) -> Customer:
        """A token of the shop."""
        from customers import identity

        given: dict[str, Any] = {"visitor_identity": browser, "claims": claims, "trusts_site_claims": trusted}
        found = identity.identify(issuer=SHOP, subject=f"{self.number}-{user}", occurred_at=self.now, **given)
        assert found is not None
        return found.origin

    def proves(self, who: Customer, phone: str) -> None:
        """A one-time code to that phone, typed where it was asked for."""
        from customers import codes

        place = {"namespace": "phone", "raw": f"+{phone}", "session_ref": f"s{self.number}", "purpose": "verify"}
        code = codes.send_code(**place).code  # type: ignore[arg-type]  # the keywords are named above
        codes.check_code(**place, code=code, home=who, actor="customer")

    def called(self, who: Customer, name: str = "", city: str = "") -> None:
        """What they are called, and where they live, as the bot heard it."""
        from customers import attributes

        who.refresh_from_db(fields=["root"])
        for key, value in (("name", name or self.name), ("city", city or CITIES[self.number % len(CITIES)])):
            event = f"{self.number}:{who.pk}:{key}"
            attributes.observe(
                customer=who, key=key, value=value, source="bot", occurred_at=self.now, source_event_id=event
            )

    def called_alike(self, one: Resolution, other: Resolution, *names: str) -> Sides:
        """Both have a name, the same if none are given."""
        for who, name in zip((one.origin, other.origin), names or ("", ""), strict=True):
            self.called(who, name)
        return one.origin, other.origin


def attest(home: Customer, kind: str, raw: str) -> None:
    from common import clock
    from customers import identity

    identity.attest(home=home, handles=[handle(kind, raw, "provider")], occurred_at=clock.now())


def handle(kind: str, raw: str, proof: str, scope: str = "") -> Handle:
    from customers.handles import Handle

    return Handle(kind, scope, raw, proof)


def resolve(handles: list[Handle], at: datetime) -> Resolution:
    from customers import identity

    found = identity.resolve(handles=handles, occurred_at=at)
    assert found is not None
    return found
