"""Is this message about a switch of channels? A code, a yes, a no, a wish; and what follows from it.

A code proves nothing but itself: both sides are asked, and only two yeses make one person of the two. Then the journey
goes on at its step where the code was used. Asked before anything is locked for a turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from channels_app import leading, switch_words
from channels_app import switch_answers as answers
from channels_app.models import Channel
from channels_app.registry import Inbound
from channels_app.spots import Spot, Step
from conversations.journeys.matching import normal
from conversations.models import Session
from conversations.sessions import Place
from customers import clusters, identity, verification
from customers.models import Identity

PAYLOAD = re.compile(r"link:([0-9a-f]{32}):(yes|no)")
PIN = re.compile(r"\d{6}")
# As `normal` writes: without accents.
WISH = re.compile(
    r"(?:(?:continue|go on|carry on|switch|move) (?:on|to|in|by|via|with)"
    r"|(?:continuar|seguir|sigamos|cambiar|pasar) (?:en|por|a|al|con)"
    r"|(?:weiter(?:machen)?|fortsetzen|wechseln) (?:auf|in|im|uber|per|mit|zu|bei)) (.{2,40})"
)
# Never a number: it may have been meant for another question, and this one joins two people. (T-28)
YES, NO = frozenset(map(normal, switch_words.YES)), frozenset(map(normal, switch_words.NO))
SITES = (
    "web", "the web", "website", "the website", "your website", "the site", "your site", "la web", "la página",
    "su web", "tu web", "el sitio", "der website", "der webseite", "webseite", "ihrer seite", "eurer seite",
    "der seite",
)  # fmt: skip
WEB = frozenset(map(normal, SITES))


def heard(*, place: Place, inbound: Inbound) -> Step | None:
    """What follows if the message is about a switch, None for any other. In a group nothing is linked."""
    if place.is_public or inbound.is_automatic:
        return None
    if inbound.code:
        return _arrived(place, inbound.code)
    if tapped := PAYLOAD.fullmatch(inbound.payload):
        return answers.answered(place, answers.challenge_of(UUID(tapped.group(1))), tapped.group(2) == "yes")
    said = normal(inbound.text) if 0 < len(inbound.text) <= 80 else ""
    if PIN.fullmatch(inbound.text.strip()):
        return answers.proven(place, inbound.text.strip())
    if said in YES | NO:
        return _typed(place, said)
    wish = WISH.fullmatch(said)
    return _wished(place, wish.group(1)) if wish else None


# --- the code arrives -------------------------------------------------------------------------------------------------


def _arrived(place: Place, code: str) -> Step:
    """The code proves that somebody has the code, and no more: both sides are asked who they are."""
    here = Spot(place.identity, place.channel)
    challenge = verification.arrive(
        code=code, arrival=place.identity, channel=place.channel, is_proven=answers.is_vouched(place)
    )
    if challenge is None or challenge.opener is None:
        return Step([(here, switch_words.told("stale", here.identity))])
    if _is_joined(place, challenge.opener):
        return Step([(here, switch_words.told("joined", here.identity, leading.title(challenge.opener_channel)))], here)
    opener = Spot(challenge.opener, challenge.opener_channel)
    # Both people before the turn locks one of them: two that arrive at each other would wait for ever.
    clusters.locked_roots(challenge.opener.customer_id, place.identity.customer_id)
    return Step([(here, answers.question(challenge, place)), (opener, answers.question_back(challenge, opener, here))])


def _is_joined(place: Place, opener: Identity) -> bool:
    """Has this very person said yes on both sides before?"""
    if opener.customer.root_id != place.identity.customer.root_id:
        return False
    proven = Identity.objects.select_related("customer").filter(pk__in=place.proven)
    return identity.visible_to(proven=proven).filter(pk=opener.head_id).exists()


def _typed(place: Place, said: str) -> Step | None:
    """The words of a button, or the word that is asked for where there are none."""
    sides: Sequence[verification.Side] = ("arrival", "opener")
    waiting = (verification.waiting_at(identity=place.identity, side=side) for side in sides)
    challenge = next((one for one in waiting if one is not None), None)
    return answers.answered(place, challenge, said in YES) if challenge else None


# --- a wish -----------------------------------------------------------------------------------------------------------


def _wished(place: Place, said: str) -> Step | None:
    """The link to the channel that they name, if it is connected; else the words are words like any others."""
    if place.kind == "web":  # the widget shows its ways itself
        return None
    kind = "web" if said in WEB else said
    named = (way for way in leading.ways(here=place.channel) if kind in (normal(way.title), normal(way.kind)))
    if (found := next(named, None)) is None:
        return _to_the_site(place) if said in WEB else None
    here = Spot(place.identity, place.channel)
    try:
        return Step([(here, leading.invitation(spot=here, to=found.channel))])
    except verification.TooMany as problem:
        return Step([(here, switch_words.sorry(problem, here.identity))])


def _to_the_site(place: Place) -> Step | None:
    """There is a widget, but it has not told its page, so that no link can lead there; None if there is no widget."""
    if not Channel.objects.filter(kind="web", is_enabled=True).exists():
        return None
    is_known = Session.objects.filter(kind="web", identity__customer__root_id=place.identity.customer.root_id).exists()
    words = switch_words.on_the_site(place.identity, leading.title(place.channel), is_known)
    return Step([(Spot(place.identity, place.channel), words)])
