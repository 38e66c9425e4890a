"""What happened before the newcomer came? Forty customers and their conversations, the same on every machine."""

from __future__ import annotations

from datetime import datetime, timedelta

from common import clock
from config.demo import channels, doubles, people, rungs, scripts, windows
from config.demo.player import Player, handle_of
from conversations.models import Session
from customers import attributes
from customers import identity as identities
from customers.handles import Handle
from customers.models import AttributeDefinition, Customer
from handover.models import Agent

SOURCE = "import:demo"


def seed() -> int:
    """Writes the past once; returns how many conversations were written. The agents are away when it is done."""
    if Session.objects.filter(messages__external_id__startswith="demo.", channel__in=channels.KEYS).exists():
        return 0
    now = clock.now()
    seen = dict(Agent.objects.values_list("pk", "last_seen_at"))
    season = sorted(zip(people.all(), scripts.SEASON, strict=False), key=lambda pair: -pair[1][1])
    for person, (plot, hours) in season:
        _play(person, plot(person.number), now - timedelta(hours=hours))
    rungs.play(now)
    for pk, last_seen_at in seen.items():
        Agent.objects.filter(pk=pk).update(last_seen_at=last_seen_at)
    doubles.seed()
    windows.seed()
    AttributeDefinition.objects.filter(key="city").update(is_bot_visible=True)
    return len(season)


def _play(person: people.Customer, plot: scripts.Plot, at: datetime) -> None:
    player = Player(person.name, at)
    named = [("says", person.first_name) if line == ("says_name",) else line for line in plot]
    player.play([("on", person.channel, person.kind, *person.handles), *named])
    if player.place is not None:
        _describe(player.place.identity.customer, person, at)


def _describe(customer: Customer, person: people.Customer, at: datetime) -> None:
    """What the shop's customer list says about some of them; every fifth has an e-mail address that nobody proved."""
    known = {"name": person.name} if person.number % 3 else {}
    if person.number % 2 == 0:
        known["city"] = ("Malmö", "Leeds", "Graz", "Porto", "Turku")[person.number % 5]
    for key, value in known.items():
        attributes.observe(
            customer=customer,
            key=key,
            value=value,
            source=SOURCE,
            occurred_at=at,
            source_event_id=f"demo.{person.number}.{key}",
        )
    if person.number % 5 == 0:
        named = Handle("email", "", person.mail, "imported", person.mail)
        known_by = [handle_of(person.handles[0]), named]
        identities.resolve(handles=known_by, occurred_at=at)
