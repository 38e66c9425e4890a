"""How is a past conversation written? Through the real verbs, with the clock set back, one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from common import clock
from conversations import content, expiry, sessions, threads
from conversations.models import Conversation, Delivery, Message, Timer
from conversations.sessions import Place
from customers import identity
from customers.handles import Handle
from handover import asking_how, desk, turns
from handover.models import Agent

NAMESPACE = UUID("6d2a5b0e-7a55-4c55-9d0e-6f2b7d5f1a11")
PAUSE = timedelta(seconds=35)


class Player:
    """One person's conversation; `now` is where its time has got to."""

    def __init__(self, name: str, at: datetime) -> None:
        self.name = name
        self.now = at
        self.lines = 0
        self.place: Place | None = None
        self.conversation: Conversation | None = None
        self.online: tuple[str, ...] = ()

    def play(self, lines: Sequence[tuple[str, ...]]) -> None:
        """Plays the lines (`verb`, arguments...) in one transaction; what was said counts as delivered and read."""
        real = clock.now()
        clock.shift_by(lambda: self.now - real)
        try:
            with transaction.atomic():
                for verb, *arguments in lines:
                    getattr(self, verb)(*arguments)
                    self._settle()
        finally:
            clock.shift_by(timedelta)

    def on(self, channel: str, kind: str, *handles: str) -> None:
        """The person speaks over this channel from now on; a handle is `namespace|scope|raw|proof`."""
        named = [replace(handle_of(handle), display=self.name) for handle in handles]
        found = identity.resolve(handles=named, occurred_at=self.now)
        assert found is not None
        proven = tuple(one.identity.pk for one in found.proven)
        assurance = identity.assurance(proven=found.proven).name.lower()
        self.place = Place(found.identity, channel, kind, proven, assurance)

    def says(self, text: str) -> None:
        self._hear(content.Text(text), text=text)

    def taps(self, label: str) -> None:
        """Taps the option with this label in the newest question."""
        assert self.conversation is not None
        said = Message.objects.filter(session__conversation=self.conversation, kind="choice").order_by("-pk")
        for message in said:
            choice = content.from_json(message.content)
            for option in choice.options if isinstance(choice, content.Choice) else ():
                if option.label == label:
                    self._hear(content.Text(label), text=label, payload=option.payload)
                    return
        raise LookupError(f"{self.name} cannot tap {label!r}")

    def waits(self, minutes: str) -> None:
        self.now += timedelta(minutes=float(minutes))

    def staffed(self, *logins: str) -> None:
        """These agents, and no others, have the inbox open from now on."""
        Agent.objects.exclude(user__username__in=logins).update(last_seen_at=None)
        self.online = logins

    def claims(self, login: str) -> None:
        """The agent takes the conversation, unless it was given to one of them already."""
        self._tick()
        if self._reload().owner_kind != Conversation.Owner.AGENT:
            desk.claim(conversation_id=self._reload().pk, agent=_agent(login))

    def replies(self, text: str) -> None:
        self._tick()
        conversation = self._reload()
        agent = _owner(conversation)
        client_id = str(uuid5(NAMESPACE, f"{self.name} {self.lines}"))
        desk.reply(conversation_id=conversation.pk, agent=agent, content=content.Text(text), client_id=client_id)

    def notes(self, text: str) -> None:
        conversation = self._reload()
        desk.note(conversation_id=conversation.pk, agent=_owner(conversation), text=text)

    def closes(self, topic: str = "", outcome: str = "") -> None:
        self._tick()
        conversation = self._reload()
        agent, tags = _owner(conversation), [topic] if topic else None
        desk.close(conversation_id=conversation.pk, agent=agent, tags=tags, disposition=outcome)
        self._tick()  # by now the customer is asked how it was
        for timer in Timer.objects.filter(kind=asking_how.TIMER, object_id=conversation.pk):
            asking_how.came_due(timer)
            timer.delete()

    def parks(self, reason: str) -> None:
        """The agent waits for something, and has it off the desk until the customer writes."""
        self._tick()
        conversation = self._reload()
        desk.park(conversation_id=conversation.pk, agent=_owner(conversation), reason=reason)

    def falls_silent(self) -> None:
        """A day without a word: the conversation has expired."""
        self.now += sessions.TTL
        conversation = threads.lock(conversation_id=self._reload().pk)
        expiry.expire(conversation=conversation)

    def last_fails(self, reason: str, provider_text: str) -> None:
        """The newest message did not arrive."""
        delivery = Delivery.objects.filter(conversation=self._reload()).latest("pk")
        delivery.state, delivery.reason, delivery.provider_text = Delivery.State.FAILED, reason, provider_text
        delivery.failed_at, delivery.attempts = self.now, 1
        delivery.save(update_fields=["state", "reason", "provider_text", "failed_at", "attempts"])

    def _hear(self, said: content.Content, *, text: str, payload: str = "") -> None:
        assert self.place is not None
        self._tick()
        key = str(uuid5(NAMESPACE, f"{self.name} in {self.lines}"))
        heard = threads.Heard(
            content=said,
            occurred_at=self.now,
            text=text,
            payload=payload,
            external_id=f"demo.{key}",
            source=self.place.channel,
            source_event_id=f"demo.{key}",
        )
        received = threads.receive(place=self.place, heard=heard)
        turns.take(received=received, heard=heard)
        self.conversation = received.conversation
        self.now += timedelta(seconds=2)

    def _tick(self) -> None:
        self.lines += 1
        self.now += PAUSE
        Agent.objects.filter(user__username__in=self.online).update(last_seen_at=self.now)

    def _reload(self) -> Conversation:
        assert self.conversation is not None
        return Conversation.objects.get(pk=self.conversation.pk)

    def _settle(self) -> None:
        """Nothing of the past is sent now: every delivery arrived and was read, but those that failed."""
        if self.conversation is None:
            return
        for delivery in Delivery.objects.filter(conversation=self.conversation, state=Delivery.State.QUEUED):
            at = delivery.queued_at
            delivery.state, delivery.external_id = Delivery.State.READ, f"demo.{delivery.public_id}"
            delivery.sent_at, delivery.delivered_at = at, at + timedelta(seconds=1)
            delivery.read_at, delivery.attempts = at + timedelta(seconds=9), 1
            fields = ["state", "external_id", "sent_at", "delivered_at", "read_at", "attempts"]
            delivery.save(update_fields=fields)


def handle_of(text: str) -> Handle:
    """`namespace|scope|raw|proof` as a handle."""
    namespace, scope, raw, proof = text.split("|")
    return Handle(namespace, scope, raw, proof)


def _agent(login: str) -> Agent:
    return Agent.objects.select_related("user").get(user__username=login)


def _owner(conversation: Conversation) -> Agent:
    assert conversation.owner_id is not None
    return Agent.objects.select_related("user").get(pk=conversation.owner_id)
