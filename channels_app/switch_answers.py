"""What do the two sides of a link answer, and what becomes of it? A yes, a no, or the number that we sent there."""

from __future__ import annotations

from uuid import UUID

from channels_app import leading, switch_words, visits
from channels_app.spots import Spot, Step
from common import clock
from common.problems import Problem
from conversations import uniting
from conversations.content import Content
from conversations.models import Session
from conversations.sessions import Place
from customers import clusters, codes, verification
from customers.models import Challenge, Identity


def question(challenge: Challenge, place: Place) -> Content:
    """A sender whom nobody vouches for gets a number to send back: then we know that they read what we write there."""
    title = leading.title(challenge.opener_channel)
    if challenge.arrival_proven:
        return switch_words.ask_arrival(challenge, title, has_buttons=leading.has_buttons(place.channel))
    try:
        issued = codes.send_code(
            namespace=place.identity.namespace,
            raw=place.identity.raw,
            scope=place.identity.scope,
            session_ref=f"link:{challenge.public_id.hex}",
            purpose=verification.SWITCH,
        )
    except Problem as problem:  # too many, or an address that no code can prove: the other side's yes leads nowhere
        return switch_words.sorry(problem.title)
    return switch_words.ask_number(challenge, title, issued.code)


def proven(place: Place, number: str) -> Step | None:
    """The number that was sent to a sender whom nobody vouches for."""
    challenge = verification.waiting_at(identity=place.identity, side="arrival")
    if challenge is None or challenge.arrival_proven or challenge.arrival_channel != place.channel:
        return None
    try:
        codes.check_code(
            namespace=place.identity.namespace,
            raw=place.identity.raw,
            scope=place.identity.scope,
            session_ref=f"link:{challenge.public_id.hex}",
            purpose=verification.SWITCH,
            code=number,
            home=place.identity.customer,
            actor="customer",
        )
    except Problem as problem:
        return Step([(Spot(place.identity, place.channel), switch_words.sorry(problem.title))])
    verification.vouch(challenge=challenge)
    place.identity.refresh_from_db()
    return answered(place, challenge_of(challenge.public_id), True)


def is_vouched(place: Place) -> bool:
    """Does this very message prove the address it came from, by this or another name of it?

    What the row says is no answer: WhatsApp proves a phone, and an SMS that anybody may send names the same one.
    """
    names = Identity.objects.filter(pk__in=place.proven, endpoint_id=place.identity.head_id)
    return place.identity.pk in place.proven or (bool(place.proven) and names.exists())


def answered(place: Place, challenge: Challenge | None, is_yes: bool) -> Step:
    """One side has said yes or no; a question that is not open, or not theirs, is the same to everybody."""
    here = Spot(place.identity, place.channel)
    side = _side(place, challenge)
    if challenge is None or side is None or challenge.opener is None or challenge.arrival is None:
        return Step([(here, switch_words.stale())])
    arrival = Spot(challenge.arrival, challenge.arrival_channel)
    opener = Spot(challenge.opener, challenge.opener_channel)
    there = opener if side == "arrival" else arrival
    if not is_yes:
        verification.refuse(challenge=challenge, side=side)
        return _both(here, there, switch_words.refused())
    if side == "arrival" and not challenge.arrival_proven:
        return Step([(here, switch_words.stale())])
    try:
        merged = verification.confirm(challenge=challenge, side=side, actor="customer")
    except Problem:
        return _both(here, there, switch_words.impossible())
    if merged is None:
        return Step([(here, switch_words.half(leading.title(there.channel)))])
    return _linked(opener, arrival)


def _both(here: Spot, there: Spot, words: Content) -> Step:
    """The same at both places; both people are locked before the turn locks one of them."""
    clusters.locked_roots(here.identity.customer_id, there.identity.customer_id)
    return Step([(here, words), (there, words)])


def _linked(opener: Spot, arrival: Spot) -> Step:
    """One person from now on: one conversation, and the journey goes on where the code arrived."""
    has_proof = _is_proven_at(opener)  # before the two sessions share what they have proven
    uniting.unite(
        customer_id=arrival.identity.customer_id, joined=[(one.identity.pk, one.channel) for one in (opener, arrival)]
    )
    visits.join(visitor=opener.identity, joined=arrival.identity)
    if has_proof:
        visits.join(visitor=arrival.identity, joined=opener.identity)
    done = switch_words.linked(leading.title(opener.channel))
    return Step([(opener, switch_words.gone(leading.title(arrival.channel))), (arrival, done)], arrival)


def _is_proven_at(spot: Spot) -> bool:
    """Has its session proven the address? A yes by SMS can be forged: it lends a browser no proof."""
    latest = Session.objects.filter(identity=spot.identity, channel=spot.channel).order_by("-pk").first()
    return latest is not None and spot.identity.pk in latest.proven


def _side(place: Place, challenge: Challenge | None) -> verification.Side | None:
    """Which of the two this place is; nobody else can answer, whatever they tap."""
    if challenge is None or challenge.used_at is not None or challenge.expires_at <= clock.now():
        return None
    mine = {place.identity.head_id, *place.proven}
    if challenge.arrival_id == place.identity.head_id and challenge.arrival_channel == place.channel:
        return "arrival"
    return "opener" if challenge.opener_id in mine and challenge.opener_channel == place.channel else None


def challenge_of(public_id: UUID) -> Challenge | None:
    """The link that a button names, once somebody has arrived by it."""
    rows = Challenge.objects.select_related("opener__customer", "arrival__customer")
    return rows.filter(kind=Challenge.Kind.LINK, public_id=public_id, arrival__isnull=False).first()
