"""What of the routing can be seen at once? A team that is closed today with one behind it, a VIP, somebody of its own.

Made once; what was changed by hand stays. Rules 7 and 12 of the decision table stand in the queues afterwards.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from common import clock
from config.demo import channels, people, scripts
from config.demo.player import Player
from customers import attributes
from customers.models import Customer
from handover import affinity
from handover.models import BusinessHours, Queue, ReferrerRule, Skill

HOURS, REFERRER = "Workshop", "repair"
WEEK = {day: ["09:00-12:30", "13:30-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
FEASTS = ("01-01", "05-01", "12-24", "12-25", "12-26")
VIP = people.Customer(40, "Astrid Falk", channels.WHATSAPP, "whatsapp", ("phone|demo-portfolio|46701749001|provider",))
KNOWN = people.Customer(
    41, "Milo Brandt", channels.WHATSAPP, "whatsapp", ("phone|demo-portfolio|46701749002|provider",)
)
SOURCE = "import:demo"


def seed_team() -> None:
    """The workshop's hours (the day of the installation is a holiday), who is behind it, and which page leads there."""
    now = clock.now()
    days = [f"{year}-{day}" for year in (now.year, now.year + 1) for day in FEASTS]
    given = {"time_zone": "Europe/Stockholm", "weekly": WEEK, "holidays": [f"{now:%Y-%m-%d}", *days]}
    hours, _ = BusinessHours.objects.get_or_create(title=HOURS, defaults=given)
    workshop = Queue.objects.get(key="workshop")
    workshop.hours, workshop.fallback, workshop.referrers = hours, Queue.objects.get(key="support"), [REFERRER]
    workshop.save(update_fields=["hours", "fallback", "referrers"])
    workshop.skills.add(Skill.objects.get(key="sales"))  # what the library's journeys ask for
    for pattern in ("*/repairs*", "link:repair*"):
        ReferrerRule.objects.get_or_create(pattern=pattern, defaults={"referrer": REFERRER})


def play(now: datetime) -> None:
    """Two customers ask for a person: a VIP, and one whom the closed workshop has helped before."""
    for person, hours in ((VIP, 0.25), (KNOWN, 0.3)):
        player = Player(person.name, now - timedelta(hours=hours))
        player.play([("on", person.channel, person.kind, *person.handles)])
        assert player.place is not None
        _mark(person, player.place.identity.customer, player.now)
        plot = scripts.waits_in_queue(person.number)
        player.play([("says", person.first_name) if line == ("says_name",) else line for line in plot])


def purge() -> None:
    """Removes the rules, and the hours that nobody keeps any more."""
    ReferrerRule.objects.filter(referrer=REFERRER).delete()
    BusinessHours.objects.filter(title=HOURS).exclude(pk__in=Queue.objects.values("hours")).delete()


def _mark(person: people.Customer, customer: Customer, at: datetime) -> None:
    if person == KNOWN:
        workshop, handled_at = Queue.objects.get(key="workshop"), at - timedelta(days=2)
        affinity.tell(customer=customer, scope="sales", agent=None, queue=workshop, handled_at=handled_at, source="")
        return
    key = f"demo.{person.number}.vip"
    attributes.observe(customer=customer, key="vip", value=True, source=SOURCE, occurred_at=at, source_event_id=key)
