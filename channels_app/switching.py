"""How does a conversation go on in another channel? A link with a one-time code, a yes on both sides, the same step.

ways       the channels that somebody can be led to from here
lead       the link (and the words) that lead to one of them; good once, for ten minutes
heard      was this message about a switch (a code, a yes, a no, a wish)? Asked before anything is locked for a turn
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from channels_app import registry, switch_words, visits
from channels_app.models import Channel
from channels_app.registry import Account, Inbound
from channels_app.spots import Spot, resume, speak
from common import clock
from common.problems import Problem
from conversations import capabilities, uniting
from conversations.content import Content
from conversations.journeys.matching import normal
from conversations.sessions import Place
from customers import clusters, codes, identity, verification
from customers.models import Challenge, Identity

SAMPLE = "A" * verification.LENGTH
PAYLOAD = re.compile(r"link:([0-9a-f]{32}):(yes|no)")
PIN = re.compile(r"\d{6}")
WISH = re.compile(r"(?:continue|go on|carry on|switch|move) (?:on|to|in|by|via|with) (.{2,40})")
YES = frozenset(map(normal, (switch_words.YES, "1")))
NO = frozenset(map(normal, (switch_words.NO, "2")))


class NoWay(Problem):
    code, title, status = "no_way", "Nobody can be led to this channel.", 404


@dataclass(frozen=True, slots=True)
class Way:
    """A channel that a link can lead to."""

    channel: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Lead:
    """A link to follow, or words to send where it leads (`say`, '' if the link carries the code itself)."""

    way: Way
    url: str
    say: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from a message about a switch: words at one or two places, perhaps the journey at one of them."""

    said: Sequence[tuple[Spot, Content]] = ()
    resume_at: Spot | None = None

    def go_on(self) -> None:
        """Says it and goes on with the journey; needs the transaction of the message."""
        for spot, content in self.said:
            speak(spot, content)
        if self.resume_at is not None:
            resume(self.resume_at)


def ways(*, here: str) -> list[Way]:
    """The channels that somebody at the channel `here` can be led to, by title."""
    found = [_way(row) for row in _channels(here) if registry.adapter(row.kind).link(_account(row), SAMPLE)]
    return sorted(found, key=lambda way: way.title)


def lead(*, opener: Identity, here: str, to: str, session_ref: str, ip: str = "") -> Lead:
    """Makes the code and the link for it; `NoWay`, or `TooMany` beyond ten an hour."""
    row = next((row for row in _channels(here) if row.key == to), None)
    adapter = registry.adapter(row.kind) if row else None
    if row is None or adapter is None or adapter.link(_account(row), SAMPLE) is None:
        raise NoWay
    nonce = verification.open_nonce(opener=opener, channel=here, session_ref=session_ref, ip=ip)
    link = adapter.link(_account(row), nonce.code)
    assert link is not None  # a code like any other
    return Lead(_way(row), link.url, link.say, nonce.challenge.expires_at)


def heard(*, place: Place, inbound: Inbound) -> Step | None:
    """What follows if the message is about a switch, None for any other. In a group nothing is linked."""
    if place.is_public or inbound.is_automatic:
        return None
    if inbound.code:
        return _arrived(place, inbound.code)
    if tapped := PAYLOAD.fullmatch(inbound.payload):
        return _answered(place, _challenge(UUID(tapped.group(1))), tapped.group(2) == "yes")
    said = normal(inbound.text) if 0 < len(inbound.text) <= 80 else ""
    if PIN.fullmatch(inbound.text.strip()):
        return _proven(place, inbound.text.strip())
    if said in YES | NO:
        return _typed(place, said)
    wish = WISH.fullmatch(said)
    return _wished(place, wish.group(1)) if wish else None


# --- the code arrives -------------------------------------------------------------------------------------------------


def _arrived(place: Place, code: str) -> Step:
    """The code proves that somebody has the code, and no more: both sides are asked who they are."""
    here = Spot(place.identity, place.channel)
    challenge = verification.arrive(code=code, arrival=place.identity, channel=place.channel)
    if challenge is None or challenge.opener is None:
        return Step([(here, switch_words.stale())])
    if _is_joined(place, challenge.opener):
        return Step([(here, switch_words.joined(_title(challenge.opener_channel)))], here)
    opener = Spot(challenge.opener, challenge.opener_channel)
    # Both people before the turn locks one of them: two that arrive at each other would wait for ever.
    clusters.locked_roots(challenge.opener.customer_id, place.identity.customer_id)
    asked = switch_words.ask_opener(challenge, place.identity, _title(place.channel))
    return Step([(here, _question(challenge, place)), (opener, asked)])


def _question(challenge: Challenge, place: Place) -> Content:
    """A sender whom nobody vouches for gets a number to send back: then we know that they read what we write there."""
    title = _title(challenge.opener_channel)
    if place.identity.is_fresh(clock.now()):
        return switch_words.ask_arrival(challenge, title)
    issued = codes.send_code(
        namespace=place.identity.namespace,
        raw=place.identity.raw,
        scope=place.identity.scope,
        session_ref=f"link:{challenge.public_id.hex}",
        purpose=verification.SWITCH,
    )
    return switch_words.ask_number(challenge, title, issued.code)


def _is_joined(place: Place, opener: Identity) -> bool:
    """Has this very person said yes on both sides before?"""
    if opener.customer.root_id != place.identity.customer.root_id:
        return False
    proven = Identity.objects.select_related("customer").filter(pk__in=place.proven)
    return identity.visible_to(proven=proven).filter(pk=opener.head_id).exists()


# --- the two sides answer ---------------------------------------------------------------------------------------------


def _typed(place: Place, said: str) -> Step | None:
    """The words of a button count anywhere, its number only where there are no buttons."""
    if said in ("1", "2") and not capabilities.of(place.kind).numbered:
        return None
    sides: Sequence[verification.Side] = ("arrival", "opener")
    waiting = (verification.waiting_at(identity=place.identity, side=side) for side in sides)
    challenge = next((one for one in waiting if one is not None), None)
    return _answered(place, challenge, said in YES) if challenge else None


def _proven(place: Place, number: str) -> Step | None:
    """The number that was sent to a sender whom nobody vouches for."""
    challenge = verification.waiting_at(identity=place.identity, side="arrival")
    if challenge is None or place.identity.is_fresh(clock.now()):
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
    place.identity.refresh_from_db()
    return _answered(place, _challenge(challenge.public_id), True)


def _answered(place: Place, challenge: Challenge | None, is_yes: bool) -> Step:
    here = Spot(place.identity, place.channel)
    side = _side(place, challenge)
    if challenge is None or side is None or challenge.opener is None or challenge.arrival is None:
        return Step([(here, switch_words.stale())])
    arrival = Spot(challenge.arrival, challenge.arrival_channel)
    opener = Spot(challenge.opener, challenge.opener_channel)
    there = opener if side == "arrival" else arrival
    if not is_yes:
        clusters.locked_roots(challenge.opener.customer_id, challenge.arrival.customer_id)
        verification.refuse(challenge=challenge, side=side)
        return Step([(here, switch_words.refused()), (there, switch_words.refused())])
    if side == "arrival" and not challenge.arrival.is_fresh(clock.now()):
        return Step([(here, switch_words.stale())])
    try:
        merged = verification.confirm(challenge=challenge, side=side, actor="customer")
    except Problem:
        return Step([(here, switch_words.impossible()), (there, switch_words.impossible())])
    if merged is None:
        return Step([(here, switch_words.half(_title(there.channel)))])
    return _linked(opener, arrival)


def _linked(opener: Spot, arrival: Spot) -> Step:
    """One person from now on: one conversation, and the journey goes on where the code arrived."""
    uniting.unite(customer_id=arrival.identity.customer_id, joined=(opener.identity.pk, arrival.identity.pk))
    visits.join(visitor=opener.identity, joined=arrival.identity)
    done = switch_words.linked(_title(opener.channel))
    return Step([(opener, switch_words.gone(_title(arrival.channel))), (arrival, done)], arrival)


def _side(place: Place, challenge: Challenge | None) -> verification.Side | None:
    """Which of the two this place is; nobody else can answer, whatever they tap."""
    if challenge is None or challenge.used_at is not None or challenge.expires_at <= clock.now():
        return None
    mine = {place.identity.head_id, *place.proven}
    if challenge.arrival_id == place.identity.head_id and challenge.arrival_channel == place.channel:
        return "arrival"
    return "opener" if challenge.opener_id in mine and challenge.opener_channel == place.channel else None


def _challenge(public_id: UUID) -> Challenge | None:
    rows = Challenge.objects.select_related("opener__customer", "arrival__customer")
    return rows.filter(kind=Challenge.Kind.LINK, public_id=public_id, arrival__isnull=False).first()


# --- a wish -----------------------------------------------------------------------------------------------------------


def _wished(place: Place, said: str) -> Step | None:
    """ "Continue on Telegram": the link, if such a channel is connected; else the words are words like any others."""
    found = next((way for way in ways(here=place.channel) if said in (normal(way.title), normal(way.kind))), None)
    if found is None or place.kind == "web":
        return None
    here = Spot(place.identity, place.channel)
    try:
        return Step([(here, invitation(spot=here, to=found.channel))])
    except verification.TooMany as problem:
        return Step([(here, switch_words.sorry(problem.title))])


def invitation(*, spot: Spot, to: str) -> Content:
    """The words that lead somebody from this place to another channel, link and code included."""
    led = lead(opener=spot.identity, here=spot.channel, to=to, session_ref=f"spot:{spot.identity.pk}")
    return switch_words.invitation(led.way.title, led.url, led.say)


def _channels(here: str) -> list[Channel]:
    rows = Channel.objects.filter(is_enabled=True, stopped_reason="").exclude(key=here).exclude(kind="web")
    return list(rows.filter(kind__in=registry.kinds()).defer("credentials").order_by("pk"))


def _account(row: Channel) -> Account:
    return Account(key=row.key, account=row.account, config=row.config)


def _way(row: Channel) -> Way:
    return Way(row.key, row.kind, str(registry.adapter(row.kind).title))


def _title(key: str) -> str:
    """A channel as people call it: the widget by its site, the others by the provider."""
    row = Channel.objects.filter(key=key).only("kind", "title").first()
    if row is None:
        return key
    return row.title if row.kind == "web" else str(registry.adapter(row.kind).title)
