"""Where can somebody be led to from here, and by which link? One-time codes as deep links of the other channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from channels_app import readiness, registry, shared_devices, switch_words
from channels_app.models import Channel
from channels_app.registry import Account
from channels_app.spots import Spot
from common.problems import Problem
from conversations import capabilities
from conversations.content import Content, Text
from conversations.models import Session
from customers import verification
from customers.models import Identity

SAMPLE = "A" * verification.LENGTH


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
    """A link to follow, and words to send where it leads (`say`, '' if the link carries the code itself)."""

    way: Way
    url: str
    say: str
    expires_at: datetime


def ways(*, here: str) -> list[Way]:
    """The channels that somebody at the channel `here` can be led to, by title."""
    rows = [row for row in _channels(here) if registry.adapter(row.kind).link(_account(row), SAMPLE)]
    return sorted((_way(row, rows) for row in rows), key=lambda way: way.title)


def lead(*, opener: Identity, here: str, to: str, session_ref: str, ip: str = "") -> Lead:
    """Makes the code and the link for it, good once, for ten minutes; `NoWay`, or `TooMany` beyond ten an hour."""
    rows = _channels(here)
    row = next((row for row in rows if row.key == to), None)
    adapter = registry.adapter(row.kind) if row else None
    if row is None or adapter is None or adapter.link(_account(row), SAMPLE) is None:
        raise NoWay
    nonce = verification.open_nonce(opener=opener, channel=here, session_ref=session_ref, ip=ip)
    link = adapter.link(_account(row), nonce.code)
    assert link is not None  # a code like any other
    return Lead(_way(row, rows), link.url, link.say, nonce.challenge.expires_at)


def invitation(*, spot: Spot, to: str) -> Content:
    """The words that lead somebody from this place to another channel, link and code included."""
    led = lead(opener=spot.identity, here=spot.channel, to=to, session_ref=f"spot:{spot.identity.pk}")
    return switch_words.invitation(spot.identity, led.way.title, led.url, led.say)


def invited(session: Session, kinds: Sequence[str]) -> Content | None:
    """The words that lead from a session to the first channel of each kind, in the order of the kinds; None if none.

    A widget makes link and QR code when they are wanted (`lead:` and the channel), and nothing at a kiosk.
    """
    by_kind = {way.kind: way for way in reversed(ways(here=session.channel))}
    found = [by_kind[kind] for kind in kinds if kind in by_kind]
    if session.kind == "web":
        here = Channel.objects.filter(key=session.channel).first()
        is_kiosk = here is None or shared_devices.is_kiosk(here)
        named = [(way.channel, way.title) for way in found]
        return switch_words.offer(session.identity, named) if found and not is_kiosk else None
    spot = Spot(session.identity, session.channel)
    try:
        said = [invitation(spot=spot, to=way.channel) for way in found]
    except verification.TooMany:
        return None
    return Text("\n\n".join(words.plain_text() for words in said)) if said else None


def title(key: str) -> str:
    """A channel as people call it: the widget by its site, the others by the provider."""
    row = Channel.objects.filter(key=key).only("kind", "title").first()
    if row is None:
        return key
    return row.title if row.kind == "web" else str(registry.adapter(row.kind).title)


def has_buttons(key: str) -> bool:
    """Can something be tapped there, or is it all in writing?"""
    kind = Channel.objects.filter(key=key).values_list("kind", flat=True).first()
    return kind is not None and not capabilities.of(kind).numbered


def _channels(here: str) -> list[Channel]:
    """Those that are on, work, and are filled in."""
    rows = Channel.objects.filter(is_enabled=True, stopped_reason="").exclude(key=here)
    if Channel.objects.filter(key=here, kind="web").exists():  # one page does not lead to another
        rows = rows.exclude(kind="web")
    known = rows.filter(kind__in=registry.kinds()).order_by("pk")
    return [row for row in known if not readiness.missing(row)]


def _account(row: Channel) -> Account:
    return Account(key=row.key, account=row.account, config=row.config)


def _way(row: Channel, rows: Sequence[Channel]) -> Way:
    """By the provider's name; a site, and where two of one kind stand side by side, by their own."""
    is_alone = row.kind != "web" and all(other.kind != row.kind or other.pk == row.pk for other in rows)
    return Way(row.key, row.kind, str(registry.adapter(row.kind).title) if is_alone else row.title)
