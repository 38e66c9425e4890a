"""Which people does the demo know twice, and what waits to be decided about them? Made once, through the real verbs."""

from __future__ import annotations

import io
from datetime import timedelta

from django.contrib.auth.models import User

from common import clock
from config.demo import channels, people
from config.demo.player import Player, handle_of
from customers import attributes, consent, editing, identity, mapping, previews, suggestions, transfers
from customers.handles import Handle
from customers.models import Customer, Identity, MappingImport

FILE = "loyalty-cards.csv"
SOURCE = "import:demo"
ROWS = """card;name;mobile;e-mail;city
C-1001;Oskar Lund;+46 70 174 66 61;oskar.lund@example.com;Malmö
C-1002;Nora Falk;+46 70 174 88 02;nora.falk@example.com;Lund
C-1003;Sofia Ek;5.53199E+12;sofia.ek@example.com;Graz
C-1003;Sofia Eck;+46 70 174 88 04;;Graz
C-1005;=HYPERLINK("x");+46 70 174 88 05;not an address;Turku
"""


def seed() -> None:
    """A merge to be undone, suggestions, conflicts, a shared number, consent with evidence, a file to be confirmed."""
    ana, chloe = (f"user:{User.objects.get(username=login).pk}" for login in ("ana", "chloe"))
    found = {person.number: _customer(person) for person in people.all()}
    _merged(found[28], chloe)
    _disputed(found[28], ana)
    _suggested(found[29], found[31], ana)
    _doubted(people.all()[0])
    _shared(found[34])
    _consents(found, ana)
    _import(chloe)


def purge() -> None:
    """The file goes with what was staged of it; the people go with the demo's."""
    for work in MappingImport.objects.filter(name=FILE):
        if work.state in (MappingImport.State.UPLOADED, MappingImport.State.CHECKED):
            mapping.cancel(work=work, actor="system")
        work.delete()


def _customer(person: people.Customer) -> Customer:
    """Who the season brought by this handle."""
    known = identity.resolve(handles=[handle_of(person.handles[0])], occurred_at=clock.now())
    assert known is not None
    return known.origin


def _newcomer(name: str, *handles: Handle, city: str = "") -> Customer:
    """Somebody whom the shop's list knows, and no channel."""
    known = identity.resolve(handles=list(handles), occurred_at=clock.now() - timedelta(days=40))
    assert known is not None
    for key, value in {"name": name, "city": city}.items():
        if value:
            attributes.observe(
                customer=known.origin,
                key=key,
                value=value,
                source=SOURCE,
                occurred_at=clock.now() - timedelta(days=40),
                source_event_id=f"demo.twice.{handles[0].raw}.{key}",
            )
    return known.origin


def _merged(amara: Customer, by: str) -> None:
    """In the shop she logs in, on WhatsApp she is a number: a supervisor has joined the two."""
    player = Player("Amara D.", clock.now() - timedelta(days=12))
    player.play([("on", channels.WHATSAPP, "whatsapp", "phone|demo-portfolio|46701749028|provider")])
    player.play([("says", "Hello, do you ship to Lagos?"), ("falls_silent",)])
    assert player.place is not None
    why = "She named the same order on both"
    other = player.place.identity.customer
    previews.decide(a=amara, b=other, expected="", choices={}, actor=by, request_id="demo:amara", reason=why)


def _disputed(amara: Customer, by: str) -> None:
    """An agent has checked the name; the bot has heard another one since."""
    root = Customer.objects.get(members__pk=amara.pk)
    name = attributes.verify(customer=root, key="name", value="Amara Diallo", by=by)
    editing.edit(customer=root, key="company", text="Diallo Interiors", by=by)
    assert name is not None
    attributes.observe(
        customer=amara,
        key="name",
        value="Amara Dialo",
        source="bot",
        occurred_at=clock.now() + timedelta(seconds=1),
        source_event_id="demo.twice.amara",
    )


def _suggested(viktor: Customer, liam: Customer, by: str) -> None:
    """A rule finds one pair (a number typed in the shop that is proven on WhatsApp), an agent proposes another."""
    typed = Handle("phone", "", "+46701740696", "claimed")
    account = Handle("site_user", channels.ISSUER, "shop-9034", "site")
    suggestions.refresh(_newcomer("Rosa Conti", account, typed, city="Porto"))
    other = _newcomer("V. Horak", Handle("email", "", "viktor@example.com", "imported"), city="Leeds")
    suggestions.propose(one=viktor, other=other, by=by, note="He says that he ordered by mail before.")
    suggestions.snooze(suggestion=suggestions.propose(one=liam, other=other, by=by), actor=by)


def _doubted(person: people.Customer) -> None:
    """WhatsApp has seen the account on another device: the number may have a new owner."""
    transfers.suspect(handles=[handle_of(person.handles[0])], occurred_at=clock.now() - timedelta(hours=3))


def _shared(anja: Customer) -> None:
    """A workshop's telephone, answered by whoever is near."""
    Identity.objects.filter(customer=anja, namespace="phone").update(shared=True)


def _consents(found: dict[int, Customer], by: str) -> None:
    """A box that was ticked, a STOP, what a provider told, what an agent heard."""
    words = (
        (28, "marketing", "in", 90, {"note": "Ticked “Send me offers” at the checkout, text of March"}),
        (28, "analytics", "out", 20, {"note": "Said so on the phone", "actor": by}),
        (24, "all", "out", 6, {"word": "STOP", "channel": channels.WHATSAPP}),
        (2, "marketing", "out", 3, {"channel": channels.WHATSAPP, "delivery": "demo"}),
        (33, "marketing", "in", 50, {"note": "Subscribed at the fair, card 117", "actor": by}),
    )
    for number, purpose, state, days, evidence in words:
        address = Identity.objects.live().filter(customer=found[number]).order_by("pk").first()
        if address is not None:
            at = clock.now() - timedelta(days=days)
            consent.record(identity=address, purpose=purpose, state=state, occurred_at=at, evidence=evidence)


def _import(by: str) -> None:
    """A list of loyalty cards that was checked and waits to be confirmed, with what is wrong in it."""
    work = mapping.upload(file=io.BytesIO(ROWS.encode()), name=FILE, actor=by)
    meant = (
        ("card", "customer_number@loyalty", "mapping"),
        ("name", "name", "attribute"),
        ("mobile", "phone", "hint"),
        ("e-mail", "email", "hint"),
        ("city", "city", "attribute"),
    )
    columns = [{"header": header, "target": target, "trust": trust} for header, target, trust in meant]
    mapping.choose(work=work, columns=columns, as_of=clock.now() - timedelta(days=2))
    mapping.check(work)
