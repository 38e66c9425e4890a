"""Who is logged in on the site? A token's subject decides; its phone and e-mail count where the site is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from common import clock
from common.problems import Problem
from customers import homes, lookup, merging, policy, sharing, suggestions, tombstones
from customers.attestation import write
from customers.handles import Handle, Named, Proven, Resolution, usable
from customers.lookup import Owners
from customers.models import Conflict, Customer, Identity, Link
from customers.namespaces import Namespace

SESSION = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Login:
    """A verified token: who (`subject`), what else it says (`claims`), and the browser it came from."""

    subject: Named
    claims: list[Named]
    visitor: Identity | None
    at: datetime

    @property
    def named(self) -> list[Named]:
        """Everything it says, the subject first."""
        return [self.subject, *self.claims]

    def owners(self) -> Owners:
        """Whose those are now."""
        return Owners([one.key for one in self.named if one.routes])


def identify(
    *,
    visitor_identity: Identity | None,
    issuer: str,
    subject: str,
    claims: Mapping[str, object],
    trusts_site_claims: bool,
    occurred_at: datetime | None = None,
    issued_at: datetime | None = None,
) -> Resolution | None:
    """The customer of a verified token (`claims`: `phone`, `email`), or None when its subject is no identity, or is
    somebody who was erased after the token was made (`issued_at`).

    A known subject is that customer. A new one joins the one customer who owns a phone or e-mail that a trusted site
    vouches for, else the browser's anonymous customer becomes known in place, else a customer is born. Nothing is
    merged: what belongs to somebody else opens a conflict.
    """
    user = usable([Handle(Namespace.SITE_USER, issuer, subject, Identity.Proof.SITE)])
    if not user:
        return None
    proof = Identity.Proof.SITE if trusts_site_claims else Identity.Proof.CLAIMED
    said = [Handle(name, "", value, proof) for name in ("phone", "email") if isinstance(value := claims.get(name), str)]
    login = Login(user[0], usable(said), visitor_identity, occurred_at or clock.now())
    found = _settled(login)
    if found is None:
        kept = _kept(login, issued_at or login.at)
        if kept is None:
            return None
        found = homes.undisturbed(lambda: _settle(kept))
    _bring_along(login, found)
    return found


def _kept(login: Login, issued_at: datetime) -> Login | None:
    """What a token may still say: nothing of people who were erased since it was made."""
    try:
        left = tombstones.kept(named=login.named, owners=login.owners(), at=issued_at)
    except tombstones.Erased as dropped:
        tombstones.count(dropped)
        return None
    if login.subject not in left:
        return None
    return replace(login, claims=[one for one in login.claims if one in left])


def _bring_along(login: Login, found: Resolution) -> None:
    """What the browser said anonymously before it signed in was said by the person, if it is of the same visit.

    Older words may be somebody else's who sat there: they are suggested, unless the policy trusts the browser. Nobody
    but an anonymous customer is brought along, and a second user of one browser gets a browser of their own.
    """
    visitor = login.visitor
    if visitor is None or not _is_anonymous(visitor) or visitor.customer.root_id == found.origin.root_id:
        return
    is_recent = visitor.customer.first_seen_at > login.at - SESSION
    if not is_recent and policy.current().anonymous_history != "visitor":
        suggestions.note(visitor.customer, found.origin, rule="browser")
        return
    try:
        merging.merge(
            a=visitor.customer,
            b=found.origin,
            kind=Link.Kind.AUTO,
            rule="signed_in",
            actor="system",
            request_id=f"signed_in:{visitor.public_id}:{found.identity.public_id}",
            evidence={"identities": sorted((visitor.pk, found.identity.pk))},
        )
    except Problem:
        return
    for customer in (visitor.customer, found.origin):
        customer.refresh_from_db(fields=["root"])


def _settled(login: Login) -> Resolution | None:
    """The fast path: everything the token says is already written to one customer."""
    owners = login.owners()
    rows = [owners.of(one.key, login.at) if one.routes else None for one in login.named]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows) or len({row.customer.root_id for row in known}) > 1:
        return None
    if any(not owners.is_exact(one.key, row) for one, row in zip(login.named, known, strict=True)):
        return None
    if any(one.has_news_for(row) for one, row in zip(login.named, known, strict=True)):
        return None
    proven = [Proven(row, Identity.Proof.SITE) for row in known if row.is_fresh(login.at)]
    homes.seen(known[0].customer, login.at)
    return _resolution(login, known[0], proven)


def _settle(login: Login) -> Resolution:
    lookup.lock(one.key for one in login.named if one.routes)
    owners = login.owners()
    owner = owners.of(login.subject.key, login.at)
    found = owner.customer if owner else _vouched(login, owners) or _upgraded(login)
    home = found or homes.born(key=login.subject.key, at=login.at)
    user = write(home=home, head=None, named=[login.subject], owners=owners, at=login.at)
    rest = write(home=home, head=None, named=login.claims, owners=owners, at=login.at)
    conflicts = (*user.conflicts, *rest.conflicts)
    return _resolution(login, user.rows[0], [*user.proven, *rest.proven], conflicts, found is None)


def _vouched(login: Login, owners: Owners) -> Customer | None:
    """The one customer who owns what the trusted site vouches for, unless another user of the site is there already."""
    rows = [row for one in login.claims if one.routes and (row := owners.of(one.key, login.at)) is not None]
    homes_found = {row.customer.root_id for row in rows}
    if len(homes_found) != 1 or not all(_may_be_joined(row, login.at) for row in rows):
        return None
    is_anybodys = bool(sharing.proposed(rows))
    return None if is_anybodys or _has_user(homes_found.pop(), login) else rows[0].customer


def _may_be_joined(row: Identity, at: datetime) -> bool:
    """A switchboard's number, a number that went stale or one that left the customer vouches for nobody."""
    is_stale = row.proof_expires_at is not None and row.proof_expires_at <= at
    is_active = row.customer.status == Customer.Status.ACTIVE
    return is_active and row.valid_to is None and not row.shared and not is_stale


def _upgraded(login: Login) -> Customer | None:
    """The browser's anonymous customer, known from now on; of two tokens on one browser only the first has it."""
    if login.visitor is None or not _is_anonymous(login.visitor):
        return None
    rows = Customer.objects.filter(pk=login.visitor.customer_id).exclude(kind=Customer.Kind.KNOWN).roots()
    if not rows.update(kind=Customer.Kind.KNOWN):
        return None
    return Customer.objects.get(pk=login.visitor.customer_id)


def _is_anonymous(visitor: Identity) -> bool:
    """Is nobody known behind this browser? The root says it: a browser that was linked is somebody's for good.

    An address that was proven in it, and nowhere else, is the visitor's own and comes along.
    """
    others = Customer.objects.filter(root=OuterRef("root")).exclude(pk=OuterRef("pk"))
    is_alone = Q(root__kind=Customer.Kind.LEAD) & ~Exists(others)
    return Customer.objects.filter(Q(root__kind=Customer.Kind.ANONYMOUS) | is_alone, pk=visitor.customer_id).exists()


def _has_user(root_id: int, login: Login) -> bool:
    users = Identity.objects.live().of_cluster(root_id).filter(namespace=Namespace.SITE_USER)
    return users.filter(scope=login.subject.key.scope).exists()


def _resolution(
    login: Login,
    user: Identity,
    proven: list[Proven],
    conflicts: tuple[Conflict, ...] = (),
    created: bool = False,
) -> Resolution:
    """The browser counts as proven too, unless it belongs to somebody else who is known."""
    visitor = login.visitor
    if visitor is not None and (_is_anonymous(visitor) or visitor.customer.root_id == user.customer.root_id):
        proven = [*proven, Proven(visitor, Identity.Proof.PROVIDER)]
    return Resolution(user, user.customer, tuple(proven), conflicts, created)
