"""Who plays in the stories? A customer with words on two channels, the demo journeys, a staffed sales queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from common import clock
from conversations import content, threads
from conversations.content import Text
from conversations.journeys import publishing
from conversations.models import Conversation, JourneyRun, Message
from conversations.sessions import Place
from conversations.threads import Heard
from customers.models import Customer, Identity
from handover import desk, turns
from handover.models import Agent, Queue
from tests import factories
from tests.stories import shelf

WHATSAPP, WEB = factories.WHATSAPP, factories.WEB


@dataclass
class Endpoint:
    """One place a person speaks at: says things there, and reads what came back since."""

    place: Place
    read: int = 0

    def says(self, text: str = "", *, at: datetime | None = None, **more: str) -> list[str]:
        """Writes (`payload`, `action`, `client_id` as a channel would give them); returns what was answered here."""
        self.turn(text, at=at, **more)
        return self.news()

    def turn(self, text: str = "", *, at: datetime | None = None, **more: str) -> None:
        """One turn, and no look at what came back."""
        heard = Heard(content=Text(text), occurred_at=at or clock.now(), text=text, **more)
        with transaction.atomic():
            received = threads.receive(place=self.place, heard=heard)
            turns.take(received=received, heard=heard)

    def taps(self, label: str) -> list[str]:
        """Presses a button of the last menu that was shown here."""
        options = content.from_json(self.shown()[-1].content)
        assert isinstance(options, content.Choice)
        found = next(option for option in options.options if option.label == label)
        return self.says(label, payload=found.payload)

    def shown(self) -> list[Message]:
        """Everything that was said to this endpoint, oldest first."""
        rows = Message.objects.filter(session__identity=self.place.identity, session__channel=self.place.channel)
        return list(rows.exclude(author="customer").order_by("pk"))

    def news(self) -> list[str]:
        """What was said here since the last look."""
        said = [content.from_json(row.content).plain_text() for row in self.shown()]
        fresh, self.read = said[self.read :], len(said)
        return fresh


@dataclass
class Person:
    """A customer, and the addresses they have proven."""

    customer: Customer
    phone: Identity
    account: Identity | None = None

    def on_whatsapp(self) -> Endpoint:
        return Endpoint(Place(self.phone, WHATSAPP, "whatsapp", (self.phone.pk,), "attested"))

    def on_web(self, *, knows_phone: bool = True) -> Endpoint:
        """Signed in at the shop; the shop vouches for the phone unless told otherwise."""
        assert self.account is not None
        proven = (self.account.pk, self.phone.pk) if knows_phone else (self.account.pk,)
        return Endpoint(Place(self.account, WEB, "web", proven, "strong"))

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.unclosed().of_person(self.customer.root_id).get()

    @property
    def conversations(self) -> list[Conversation]:
        return list(Conversation.objects.of_person(self.customer.root_id).order_by("pk"))

    def run(self, journey: str = "order_chair") -> JourneyRun:
        rows = JourneyRun.objects.filter(customer__root_id=self.customer.root_id, version__journey__key=journey)
        return rows.order_by("-pk")[0]


def maya() -> Person:
    """The demo customer: WhatsApp and the shop's account belong to her."""
    person = factories.customer()
    return Person(person, factories.phone(person), factories.site_user(person))


def tom() -> Endpoint:
    """A visitor of the shop's widget whom nobody knows."""
    visitor = factories.identity(factories.customer(), "visitor", uuid4().hex, scope=WEB)
    return Endpoint(Place(visitor, WEB, "web", (visitor.pk,), "none"))


def sales(**fields: object) -> Queue:
    """The default queue, with its skill and its pre-chat journey."""
    return factories.queue("sales", skill="sales", is_default=True, intake="prechat_sales", **fields)


def ana(queue: Queue) -> Agent:
    """An agent of the queue, online now."""
    return factories.agent("Ana Sousa", queues=(queue,))


def library() -> None:
    """The journeys that come with the product."""
    shelf.load()


def publish(text: str) -> None:
    """One journey of a test's own."""
    publishing.publish(text=text)


def words(fresh: list[str]) -> str:
    """All of it as one text, to look for a sentence."""
    return "\n".join(fresh)


def take_over(endpoint: Endpoint, agent: Agent) -> Conversation:
    """The agent takes the conversation of whoever speaks there."""
    root = endpoint.place.identity.customer.root_id
    found = Conversation.objects.unclosed().of_person(root).get()
    return desk.claim(conversation_id=found.pk, agent=agent)
