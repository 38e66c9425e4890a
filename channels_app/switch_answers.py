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
    """What is asked where the code was used; a sender whom nobody vouches for gets a number to send back."""
    title = leading.title(challenge.opener_channel)
    if challenge.arrival_proven:
        return switch_words.ask_arrival(
            challenge, place.identity, title, has_buttons=leading.has_buttons(place.channel)
        )
    issued = _number(challenge, "arrival", place.identity)
    if isinstance(issued, Content):
        return issued
    return switch_words.ask_number(challenge, place.identity, title, issued.code)


def question_back(challenge: Challenge, opener: Spot, arrival: Spot) -> Content:
    """What is asked where the link was made: the same two ways."""
    title, has_buttons = leading.title(arrival.channel), leading.has_buttons(opener.channel)
    if is_vouched(opener.place()):
        return switch_words.ask_opener(challenge, opener.identity, arrival.identity, title, has_buttons=has_buttons)
    return _number_back(challenge, opener, arrival)


def _number_back(challenge: Challenge, opener: Spot, arrival: Spot) -> Content:
    issued = _number(challenge, "opener", opener.identity)
    if isinstance(issued, Content):
        return issued
    return switch_words.ask_number_back(opener.identity, arrival.identity, leading.title(arrival.channel), issued.code)


def _number(challenge: Challenge, side: verification.Side, row: Identity) -> codes.Issued | Content:
    """A number that goes to this side, so that we know that they read what we write there; else words to say so."""
    try:
        return codes.send_code(
            namespace=row.namespace,
            raw=row.raw,
            scope=row.scope,
            session_ref=_reference(challenge, side),
            purpose=verification.SWITCH,
        )
    except Problem as problem:  # too many, or an address that no code can prove: the other side's yes leads nowhere
        return switch_words.sorry(problem, row)


def _reference(challenge: Challenge, side: verification.Side) -> str:
    """Each side has a number of its own."""
    return f"link:{challenge.public_id.hex}" + (":opener" if side == "opener" else "")


def proven(place: Place, number: str) -> Step | None:
    """The number that was sent to a sender whom nobody vouches for."""
    found = _numbered(place)
    if found is None:
        return None
    challenge, side = found
    try:
        codes.check_code(
            namespace=place.identity.namespace,
            raw=place.identity.raw,
            scope=place.identity.scope,
            session_ref=_reference(challenge, side),
            purpose=verification.SWITCH,
            code=number,
            home=place.identity.customer,
            actor="customer",
        )
    except Problem as problem:
        return Step([(Spot(place.identity, place.channel), switch_words.sorry(problem, place.identity))])
    if side == "arrival":
        verification.vouch(challenge=challenge)
    place.identity.refresh_from_db()
    return answered(place, challenge_of(challenge.public_id), True, is_read=True)


def _numbered(place: Place) -> tuple[Challenge, verification.Side] | None:
    """The open link of this place that wants a number, and which side of it this is."""
    arrived = verification.waiting_at(identity=place.identity, side="arrival")
    if arrived is not None and not arrived.arrival_proven and arrived.arrival_channel == place.channel:
        return arrived, "arrival"
    opened = verification.waiting_at(identity=place.identity, side="opener")
    if opened is not None and opened.opener_channel == place.channel and not is_vouched(place):
        return opened, "opener"
    return None


def is_vouched(place: Place) -> bool:
    """Does this very message prove the address it came from, by this or another name of it?

    What the row says is no answer: WhatsApp proves a phone, and an SMS that anybody may send names the same one.
    """
    names = Identity.objects.filter(pk__in=place.proven, endpoint_id=place.identity.head_id)
    return place.identity.pk in place.proven or (bool(place.proven) and names.exists())


def answered(place: Place, challenge: Challenge | None, is_yes: bool, *, is_read: bool = False) -> Step:
    """One side has said yes or no; a question that is not open, or not theirs, is the same to everybody.

    `is_read`: the number that we sent there has just come back.
    """
    here = Spot(place.identity, place.channel)
    side = _side(place, challenge)
    if challenge is None or side is None or challenge.opener is None or challenge.arrival is None:
        return Step([(here, switch_words.told("stale", place.identity))])
    arrival = Spot(challenge.arrival, challenge.arrival_channel)
    opener = Spot(challenge.opener, challenge.opener_channel)
    there = opener if side == "arrival" else arrival
    if not is_yes:
        verification.refuse(challenge=challenge, side=side)
        return _both(here, there, "refused")
    if side == "arrival" and not challenge.arrival_proven:
        return Step([(here, switch_words.told("stale", place.identity))])
    # Anybody can write an SMS in the opener's name: their yes is the number that only they have read. (T-28)
    if side == "opener" and not is_read and not is_vouched(place):
        return Step([(here, _number_back(challenge, here, arrival))])
    try:
        merged = verification.confirm(challenge=challenge, side=side, actor="customer")
    except Problem:
        return _both(here, there, "impossible")
    if merged is None:
        return Step([(here, switch_words.told("half", place.identity, leading.title(there.channel)))])
    return _linked(opener, arrival)


def _both(here: Spot, there: Spot, key: str) -> Step:
    """The same at both places; both people are locked before the turn locks one of them."""
    clusters.locked_roots(here.identity.customer_id, there.identity.customer_id)
    return Step([(spot, switch_words.told(key, spot.identity)) for spot in (here, there)])


def _linked(opener: Spot, arrival: Spot) -> Step:
    """One person from now on: one conversation, and the journey goes on where the code arrived."""
    has_proof = _is_proven_at(opener)  # before the two sessions share what they have proven
    uniting.unite(
        customer_id=arrival.identity.customer_id, joined=[(one.identity.pk, one.channel) for one in (opener, arrival)]
    )
    visits.join(visitor=opener.identity, joined=arrival.identity)
    if has_proof:
        visits.join(visitor=arrival.identity, joined=opener.identity)
    gone = switch_words.told("gone", opener.identity, leading.title(arrival.channel))
    done = switch_words.told("linked", arrival.identity, leading.title(opener.channel))
    return Step([(opener, gone), (arrival, done)], arrival)


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
