"""Whose browser is this, and what has it proven? A visit is our side of a widget: opened, signed in, touched, ended.

VisitUnknown    the token names no visit that is still open
TokenRefused    a login was refused (`channels_app.tokens`); the visit stays what it was
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from channels_app import jwks, shared_devices, tokens
from channels_app.models import Channel, SpentToken, Visit, WidgetKey
from common import clock
from common.crypto import blind, blind_all
from common.problems import Problem
from customers import attribute_claims, identity
from customers.handles import Handle, Proven, Resolution
from customers.models import Identity, Link
from customers.namespaces import Namespace

TOUCH_EVERY = timedelta(minutes=1)


class VisitUnknown(Problem):
    """The visit has ended or never was; the client opens a new one."""

    code = "visit_unknown"
    title = "This visit has ended."
    status = 401


@dataclass(frozen=True, slots=True)
class Opened:
    """A visit and the token that its browser keeps; the token is '' when the browser has it already."""

    visit: Visit
    token: str = ""


def open(*, channel: Channel, token: str = "", login: str = "") -> Opened:
    """The browser's visit found by its token, or a new one with a new visitor; signed in when `login` is a JWT."""
    proof = verify(channel=channel, login=login) if login else None  # may ask the site for its keys: no lock is held
    with transaction.atomic():
        found = _find(channel, token) if token else None
        opened = Opened(found) if found else _begin(channel)
        return _sign_in(opened, proof) if proof else opened


def find(*, channel: Channel, token: str) -> Visit:
    """The open visit of this token, or `VisitUnknown`."""
    visit = _find(channel, token)
    if visit is None:
        raise VisitUnknown
    return visit


def sign_in(*, visit: Visit, login: str) -> Opened:
    """The visit with what the JWT proves; another user than before gets a visit, and a visitor, of their own."""
    return _sign_in(Opened(visit), verify(channel=visit.channel, login=login))


def sign_out(*, visit: Visit) -> Opened:
    """Ends the visit and begins one with a new visitor, who sees nothing of the old one."""
    end(visit=visit)
    return _begin(visit.channel)


def end(*, visit: Visit) -> None:
    """The token is worth nothing from now on; sockets notice within seconds."""
    Visit.objects.filter(pk=visit.pk, ended_at__isnull=True).update(ended_at=clock.now())


def touch(*, visit: Visit) -> None:
    """Notes that the browser is still there, at most once a minute; it does not tell that somebody is at a kiosk."""
    now = clock.now()
    if now - visit.last_seen_at >= TOUCH_EVERY and not shared_devices.is_kiosk(visit.channel):
        Visit.objects.filter(pk=visit.pk).update(last_seen_at=now)


def acted(*, visit_id: str) -> None:
    """Somebody has said or tapped something there."""
    Visit.objects.filter(public_id=visit_id).update(last_seen_at=clock.now())


def is_over(visit: Visit, now: datetime) -> bool:
    """Has nobody been there for longer than the widget allows?"""
    return visit.ended_at is not None or visit.last_seen_at <= now - shared_devices.idle(visit.channel)


def sweep() -> int:
    """Forgets the spent tokens that have expired, leeway included: nobody could redeem them again."""
    count, _ = SpentToken.objects.filter(expires_at__lt=clock.now() - 2 * tokens.LEEWAY).delete()
    return count


def join(*, visitor: Identity, joined: Identity) -> None:
    """The visitor has said yes, as has the other address: the visit keeps that until it ends, and no longer."""
    for visit in Visit.objects.filter(visitor=visitor, ended_at__isnull=True):
        visit.joined = sorted({*visit.joined, joined.pk})
        visit.save(update_fields=["joined"])


def joined(visit: Visit) -> list[int]:
    """The addresses that this visit was joined to and still is: no longer than the link stands."""
    if not visit.joined or visit.visitor is None:
        return []
    home = visit.visitor.customer_id
    links = Link.objects.live().filter(Q(a=home) | Q(b=home), kind=Link.Kind.VERIFIED, rule="confirmed_link")
    homes = {home, *(pk for pair in links.values_list("a", "b") for pk in pair)}
    return list(Identity.objects.filter(pk__in=visit.joined, customer__in=homes).values_list("pk", flat=True))


def is_signed_in(visit: Visit, now: datetime) -> bool:
    """Does the login still hold: not expired, and its key neither revoked nor gone? (J12)"""
    is_current = visit.proven_until is not None and visit.proven_until > now
    return visit.person is not None and is_current and visit.key is not None and tokens.is_live(visit.key, now)


def proven(visit: Visit, now: datetime) -> list[Identity]:
    """What this browser has proven at `now`: the visitor with what it was joined to, and while the login holds the
    person behind it.
    """
    rows = Identity.objects.live().select_related("customer")
    held = visit.proven if is_signed_in(visit, now) else [visit.visitor_id or 0]
    return list(rows.filter(pk__in=[*held, *joined(visit)]))


def endpoint(visit: Visit, now: datetime) -> Identity:
    """Where this browser speaks and is answered: the signed-in person, else the visitor."""
    person = visit.person if is_signed_in(visit, now) else visit.visitor
    assert person is not None
    return person


def assurance(visit: Visit, now: datetime) -> str:
    """How sure we are of the person: `strong` while a site's login holds, else `none`."""
    rows = [Proven(row, _proof_of(visit, row)) for row in proven(visit, now)]
    return identity.assurance(proven=rows, at=now).name.lower()


def _proof_of(visit: Visit, row: Identity) -> str:
    is_providers = row.namespace == Namespace.VISITOR or row.pk in visit.joined
    return Identity.Proof.PROVIDER if is_providers else Identity.Proof.SITE


def _find(channel: Channel, token: str) -> Visit | None:
    if not isinstance(token, str) or len(token) > 100 or not token.isascii():
        return None
    idle = shared_devices.idle(channel)
    rows = Visit.objects.select_related("visitor__customer", "person__customer", "key", "channel")
    rows = rows.filter(channel=channel, ended_at__isnull=True, last_seen_at__gt=clock.now() - idle)
    return rows.filter(digest__in=blind_all("visit", value=token)).first()


@transaction.atomic
def _begin(channel: Channel) -> Opened:
    now, token = clock.now(), secrets.token_urlsafe(32)
    visit = Visit(channel=channel, digest=blind("visit", value=token), created_at=now, last_seen_at=now)
    visitor = Handle(Namespace.VISITOR, channel.key, str(visit.public_id), Identity.Proof.PROVIDER, "Web visitor")
    resolution = identity.resolve(handles=[visitor], occurred_at=now)
    assert resolution is not None  # our own random id is neither blocked nor malformed
    visit.visitor = resolution.identity
    visit.proven = [resolution.identity.pk]
    visit.save(force_insert=True)
    return Opened(visit, token)


@transaction.atomic
def _sign_in(opened: Opened, proof: tokens.Login) -> Opened:
    channel, now = opened.visit.channel, clock.now()
    if "act" in proof.claims:  # somebody of the site acts for the customer (RFC 8693): this is not the customer
        return opened
    if _is_somebody_else(opened.visit, proof) or shared_devices.is_kiosk(channel):
        end(visit=opened.visit)
        opened = _begin(channel)
    visit = opened.visit
    resolution = _identified(visit, proof, now)
    if visit.visitor_id not in [one.identity.pk for one in resolution.proven] and not shared_devices.is_kiosk(channel):
        end(visit=visit)  # the browser is somebody else's: it was linked to a person who is not this user
        opened = _begin(channel)
        visit = opened.visit
        resolution = _identified(visit, proof, now)
    _spend(visit, proof)
    visit.person, visit.key, visit.proven_until = resolution.identity, proof.key, proof.expires_at
    visit.proven = [one.identity.pk for one in resolution.proven]
    visit.last_seen_at = now
    visit.save(update_fields=["person", "key", "proven", "proven_until", "last_seen_at"])
    WidgetKey.objects.filter(pk=proof.key.pk).update(last_used_at=now)
    attribute_claims.note(resolution=resolution, claims=proof.claims, at=now)
    return Opened(visit, opened.token)


def _identified(visit: Visit, proof: tokens.Login, now: datetime) -> Resolution:
    claims, is_trusted = _claims(visit.channel, proof)
    found = identity.identify(
        visitor_identity=None if shared_devices.is_kiosk(visit.channel) else visit.visitor,
        issuer=proof.issuer,
        subject=proof.subject,
        claims=claims,
        trusts_site_claims=is_trusted,
        occurred_at=now,
        issued_at=datetime.fromtimestamp(float(proof.claims["iat"]), UTC),
    )
    if found is None:
        raise tokens.TokenRefused("token_subject")
    return found


def verify(*, channel: Channel, login: str) -> tokens.Login:
    """The login that a JWT proves for this widget, or `TokenRefused`."""

    def find_key(kid: str) -> WidgetKey | None:
        return jwks.find(channel=channel, kid=kid)

    issuer = str(channel.config.get("issuer", ""))
    return tokens.verify(login, audience=channel.key, issuer=issuer, find_key=find_key, now=clock.now())


def _is_somebody_else(visit: Visit, proof: tokens.Login) -> bool:
    """Was this browser another user's before?"""
    person = visit.person
    return person is not None and (person.scope, person.raw) != (proof.issuer, proof.subject)


def _spend(visit: Visit, proof: tokens.Login) -> None:
    """A token with a `jti` belongs to the first browser that redeems it; the same browser may come again."""
    if not proof.token_id:
        return
    digest = blind("widget token", visit.channel.key, value=f"{proof.key.kid}:{proof.token_id}")
    mine = {"visit": visit, "expires_at": proof.expires_at}
    spent, _ = SpentToken.objects.get_or_create(digest=digest, defaults=mine)
    if spent.visit_id != visit.pk:
        raise tokens.TokenRefused("token_spent")


def _claims(channel: Channel, proof: tokens.Login) -> tuple[dict[str, object], bool]:
    """The phone and e-mail that the token carries, and whether they prove it: flagged, and trusted by the admin."""
    said = {name: proof.claims[name] for name in ("phone", "email") if isinstance(proof.claims.get(name), str)}
    vouched = {
        name: value
        for name, value in said.items()
        if proof.claims.get(f"{name}_verified") is True and channel.config.get(f"verifies_{name}") is True
    }
    return (dict(vouched), True) if vouched else (dict(said), False)
