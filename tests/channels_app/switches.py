"""How do tests speak at two places that may become one person's? Through the doors of ingest: a switch, else a turn."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction

from channels_app import leading, switching
from channels_app.models import Channel
from channels_app.registry import Inbound
from common import clock
from conversations import content, threads
from conversations.content import Text
from conversations.models import Message
from conversations.sessions import Place
from conversations.threads import Heard
from customers.models import Link
from handover import turns
from tests import factories
from tests.channels_app import telegram


@dataclass
class Spot:
    """An address where somebody speaks through the doors of ingest: a switch first, else a turn."""

    place: Place
    read: int = 0

    def says(self, text: str = "", **more: str) -> list[str]:
        inbound = Inbound(Text(text), clock.now(), text=text, external_id=str(uuid4()), **more)  # type: ignore[arg-type]  # fields by name
        heard = Heard(inbound.content, inbound.occurred_at, text, inbound.payload, external_id=inbound.external_id)
        with transaction.atomic():
            step = switching.heard(place=self.place, inbound=inbound)
            received = threads.receive(place=self.place, heard=heard)
            if step is None:
                turns.take(received=received, heard=heard)
            else:
                step.go_on()
        return self.news()

    def taps(self, label: str) -> list[str]:
        """Presses a button of the newest question here."""
        shown = [content.from_json(row.content) for row in self.shown()]
        choice = next(one for one in reversed(shown) if isinstance(one, content.Choice))
        found = next(option for option in choice.options if option.label == label)
        return self.says(label, payload=found.payload)

    def shown(self) -> list[Message]:
        rows = Message.objects.filter(session__identity=self.place.identity, session__channel=self.place.channel)
        return list(rows.exclude(author="customer").order_by("pk"))

    def news(self) -> list[str]:
        said = [content.from_json(row.content).plain_text() for row in self.shown()]
        fresh, self.read = said[self.read :], len(said)
        return fresh


def connect() -> None:
    """A Telegram bot, a number for SMS and the shop's widget."""
    Channel.objects.create(
        key="telegram-demo",
        kind="telegram",
        title="Bot",
        account=telegram.BOT,
        config=dict(telegram.ACCOUNT.config),
        credentials=dict(telegram.ACCOUNT.credentials),
    )
    Channel.objects.create(key="web-shop", kind="web", title="Nordic Chairs shop")
    config, credentials = {"app": "s", "account_sid": "AC0"}, {"auth_token": "token"}
    Channel.objects.create(
        key="sms-demo", kind="sms", title="SMS", account="+15005550006", config=config, credentials=credentials
    )


def on(kind: str, raw: str, name: str, *, namespace: str = "telegram_user", proof: str = "provider") -> Spot:
    row = factories.identity(factories.customer(), namespace, raw, proof=proof)
    row.display = name
    row.save(update_fields=["display"])
    assurance = "attested" if proof == "provider" else "none"
    return Spot(Place(row, f"{kind}-demo", kind, (row.pk,) if proof == "provider" else (), assurance))


def code_from(spot: Spot, to: str = "telegram-demo") -> str:
    """The code in the link that is made for this place."""
    led = leading.lead(opener=spot.place.identity, here=spot.place.channel, to=to, session_ref="visit:1")
    return led.url.rpartition("=")[2] if to == "telegram-demo" else led.say.strip("[]#")


def linked() -> bool:
    return Link.objects.live().filter(kind="verified").exists()


def number_in(asked: str) -> str:
    """The six digits of a question."""
    return next(word.strip(".") for word in asked.split() if word.strip(".").isdigit() and len(word.strip(".")) == 6)


def switch(one: Spot, other: Spot) -> list[str]:
    """From one place to another, with a yes on both sides; what is said at the other one after that."""
    other.says("/start", code=code_from(one, other.place.channel))
    other.taps("Yes, link them")
    one.taps("Yes, link them")
    return other.news()
