"""What does a channel hand over about a sender, and what does it get back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customers import normalise, policy, recycling, tallies
from customers.models import Conflict, Customer, Identity
from customers.namespaces import Namespace
from customers.normalise import Key

# What a proof is worth: routing begins at imported, evidence at otp.
ROUTING = frozenset({"imported", "agent", "otp", "provider", "site"})
PROVING = frozenset({"otp", "provider", "site"})


@dataclass(frozen=True, slots=True)
class Handle:
    """One identifier of one payload, as the channel received it, with how it was proven there.

    `scope`: issuer, portfolio, page or widget (section 5 of the identity page); for a WhatsApp phone pass the
    portfolio, so that a business-scoped id found in its place keeps its scope.
    """

    namespace: str
    scope: str
    raw: str
    proof: str
    display: str | None = None
    device: str = ""  # the provider's digest of the device behind it, if it tells one

    def key(self) -> Key | normalise.Refused:
        """The normalised key; a provider's own id is not judged by validity."""
        rules = policy.current()
        if rules.blocks(self.raw):
            return normalise.Refused("blocked_value")
        is_providers = self.proof == "provider"
        key = normalise.key(
            self.namespace, self.raw, scope=self.scope, region=rules.region or None, from_provider=is_providers
        )
        return normalise.Refused("blocked_value") if isinstance(key, Key) and rules.blocks_key(key) else key


@dataclass(frozen=True, slots=True)
class Named:
    """A usable handle and its key."""

    handle: Handle
    key: Key

    @property
    def routes(self) -> bool:
        """May it place a message?"""
        return self.handle.proof in ROUTING and self.key.routes

    @property
    def proof(self) -> str:
        """What it proves: an extension or a number without a country proves nothing."""
        return self.handle.proof if self.key.routes else Identity.Proof.CLAIMED.value

    def has_news_for(self, row: Identity) -> bool:
        """Would the row have to change: a first proof, another display name, another device?"""
        return self._is_first_proof_of(row) or self._renames(row) or self._is_other_device(row)

    def tell(self, row: Identity, at: datetime) -> bool:
        """Write the news to the row; was it a name?"""
        fields: dict[str, Any] = {}
        if self._is_first_proof_of(row):
            fields |= {"proof": self.proof, "proven_at": at, "routable": True}
        is_renamed, is_other = self._renames(row), self._is_other_device(row)
        if is_other and row.provider_hash:
            recycling.suspect(row, at=at, sign="other_device")
        elif is_renamed and recycling.is_other_name(row, self.handle.display or "", at):
            recycling.suspect(row, at=at, sign="other_name")
        if is_other:
            fields["provider_hash"] = self.handle.device
        if is_renamed:
            fields["display"] = self.handle.display
        for name, value in fields.items():
            setattr(row, name, value)
        if fields:
            row.save(update_fields=list(fields))
        return is_renamed

    def _is_first_proof_of(self, row: Identity) -> bool:
        return self.proof in PROVING and row.proof not in PROVING

    def _is_other_device(self, row: Identity) -> bool:
        is_its_own = row.namespace == Namespace.PHONE and self.handle.proof == Identity.Proof.PROVIDER
        return is_its_own and bool(self.handle.device) and self.handle.device != row.provider_hash

    def _renames(self, row: Identity) -> bool:
        return bool(self.handle.display) and self.handle.display != row.display


@dataclass(frozen=True, slots=True)
class Proven:
    """One identity and the proof given for it in the present session."""

    identity: Identity
    by: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who it is: the address to answer (an endpoint's head), the origin it lives on, what the payload proved."""

    identity: Identity
    origin: Customer
    proven: tuple[Proven, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    created: bool = False
    # The provider shows another name than before: news for `attributes.observe`, without asking on every message.
    renamed: bool = False

    @property
    def root(self) -> Customer:
        """The customer that stands for the cluster; read from the database only after a merge."""
        return self.origin if self.origin.is_root else self.origin.root


def usable(handles: Sequence[Handle]) -> list[Named]:
    """The handles that can be an identity, in their order, each key once; blocked and malformed ones are left out."""
    named: dict[tuple[str, str, str], Named] = {}
    for handle in handles:
        key = handle.key()
        if isinstance(key, Key):
            one, place = Named(handle, key), (key.namespace, key.scope, key.value)
            if place not in named or (one.routes and not named[place].routes):
                named[place] = one
        elif key.reason == "blocked_value":
            tallies.add(tallies.BLOCKED)
    return list(named.values())
