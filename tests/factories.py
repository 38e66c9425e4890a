"""How do tests get people, conversations and a desk? Small functions that go through the same doors as the product."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import transaction

from common import clock, crypto
from conversations import outbox, ownership, threads
from conversations.content import Content, Text
from conversations.models import Conversation, Message, Session
from conversations.sessions import Place
from conversations.threads import Heard, Received
from customers import attributes, normalise
from customers.models import Attribute, Customer, Identity
from handover.models import Agent, Membership, Note, Queue, Skill

PASSWORD = "throughline-demo"
WHATSAPP, WEB = "whatsapp-demo", "web-shop"


# --- people -------------------------------------------------------------------------------------------------------


def customer(name: str = "", **fields: Any) -> Customer:
    """A person, with a name if one is given."""
    person = Customer.objects.create(kind=Customer.Kind.KNOWN if name else Customer.Kind.ANONYMOUS, **fields)
    if name:
        attribute(person, "name", name, source="provider:whatsapp")
    return person


def attribute(person: Customer, key: str, value: Any, *, source: str = "bot") -> Attribute:
    """What holds now for a key, with the observation it came from."""
    with transaction.atomic():
        attributes.observe(
            customer=person,
            key=key,
            value=value,
            source=source,
            occurred_at=clock.now(),
            source_event_id=str(uuid4()),
        )
    return Attribute.objects.get(root_id=person.root_id, key=key)


def identity(person: Customer, namespace: str, raw: str, *, scope: str = "", proof: str = "provider") -> Identity:
    """One address of a person; a claimed one never routes."""
    key = normalise.key(namespace, raw, scope=scope, from_provider=namespace == "phone")
    assert isinstance(key, normalise.Key), key
    is_proven = proof in ("otp", "provider", "site")
    return Identity.objects.create(
        customer=person,
        namespace=key.namespace,
        scope=key.scope,
        key=crypto.blind(key.namespace, key.scope, value=key.value),
        raw=key.value,
        display=key.value,
        proof=proof,
        proven_at=clock.now() if is_proven else None,
        routable=proof != "claimed",
        phone_tail=crypto.blind("phone_tail", value=key.tail) if key.tail else "",
        valid_from=clock.now() - timedelta(days=30),
    )


def phone(person: Customer, number: str = "46701740635", *, proof: str = "provider") -> Identity:
    """A telephone number, by default proven by WhatsApp."""
    return identity(person, "phone", number, proof=proof)


def site_user(person: Customer, user_id: str = "maya-4711", *, scope: str = WEB) -> Identity:
    """An account of the shop, proven by the site's signature."""
    return identity(person, "site_user", user_id, scope=scope, proof="site")


def maya() -> tuple[Customer, Identity]:
    """The demo customer and her WhatsApp number."""
    person = customer("Maya Lindqvist")
    return person, phone(person)


# --- words --------------------------------------------------------------------------------------------------------


def whatsapp(address: Identity) -> Place:
    """Where a WhatsApp message of this number comes in."""
    return Place(identity=address, channel=WHATSAPP, kind="whatsapp", proven=(address.pk,), assurance="strong")


def web(address: Identity) -> Place:
    """Where a message of the shop's widget comes in."""
    return Place(identity=address, channel=WEB, kind="web", proven=(address.pk,), assurance="attested")


def receive(place: Place, text: str | Content, *, at: datetime | None = None) -> Received:
    """The customer writes; the conversation is begun if need be."""
    content = Text(text) if isinstance(text, str) else text
    heard = Heard(content=content, occurred_at=at or clock.now(), text=content.plain_text(), external_id=str(uuid4()))
    with transaction.atomic():
        return threads.receive(place=place, heard=heard)


def bot_says(session: Session, text: str | Content, **fields: Any) -> Message:
    """The bot answers at the present epoch."""
    content = Text(text) if isinstance(text, str) else text
    with transaction.atomic():
        conversation = threads.lock(conversation_id=session.conversation_id)
        said = outbox.say(
            conversation=conversation,
            session=session,
            content=content,
            author=Message.Author.BOT,
            fence_epoch=conversation.owner_epoch,
            **fields,
        )
    assert said is not None, "the bot does not own the conversation"
    return said


def agent_says(session: Session, text: str, by: Agent, *, client_id: str = "") -> Message:
    """An agent's words, whoever owns the conversation."""
    with transaction.atomic():
        said = outbox.say(
            conversation=threads.lock(conversation_id=session.conversation_id),
            session=session,
            content=Text(text),
            author=Message.Author.AGENT,
            agent_id=by.pk,
            agent_name=by.name,
            client_id=client_id or str(uuid4()),
        )
    assert said is not None
    return said


def give(
    conversation: Conversation, owner: Agent | Queue | None, *, cause: str = "test", **changes: Any
) -> Conversation:
    """Moves the owner: an agent, a queue, or None for the bot."""
    kinds = {Agent: Conversation.Owner.AGENT, Queue: Conversation.Owner.QUEUE}
    if isinstance(owner, Queue):
        changes = {"queue_id": owner.pk, "queued_at": clock.now(), **changes}
    with transaction.atomic():
        locked = threads.lock(conversation_id=conversation.pk)
        ownership.move(
            conversation=locked,
            seen_epoch=locked.owner_epoch,
            to=kinds[type(owner)] if owner else Conversation.Owner.BOT,
            owner_id=owner.pk if owner else None,
            cause=cause,
            **changes,
        )
    return locked


def waiting_in(target: Queue, *, text: str = "I need a person", name: str = "Maya Lindqvist") -> Conversation:
    """A conversation of a new WhatsApp customer that waits in a queue."""
    person = customer(name)
    number = f"467{person.pk % 100_000_000:08d}"
    received = receive(whatsapp(phone(person, number)), text)
    return give(received.conversation, target, cause="handover")


# --- the desk -----------------------------------------------------------------------------------------------------


def queue(key: str = "sales", *, skill: str = "", **fields: Any) -> Queue:
    """A team's queue, with a skill if one is named; read again if it exists."""
    found, _ = Queue.objects.get_or_create(key=key, defaults={"title": key.title(), **fields})
    if skill:
        found.skills.add(Skill.objects.get_or_create(key=skill, defaults={"title": skill.title()})[0])
    return found


def agent(name: str = "Ana Sousa", *, queues: tuple[Queue, ...] = (), supervises: tuple[Queue, ...] = ()) -> Agent:
    """A member of staff with the login of the first name in lower case and the demo password, online now; they have the
    skills that their queues are for."""
    login = name.split()[0].lower()
    user = get_user_model().objects.create_user(login, f"{login}@example.com", PASSWORD)
    made = Agent.objects.create(user=user, name=name, last_seen_at=clock.now())
    for target in queues:
        Membership.objects.create(agent=made, queue=target)
    for target in supervises:
        Membership.objects.create(agent=made, queue=target, role="supervisor")
    made.skills.set(Skill.objects.filter(queues__in=(*queues, *supervises)))
    return made


def card(conversation: Conversation, **fields: Any) -> Note:
    """The handover card of a conversation."""
    content = {"reason": "asked", "skill": "sales", "journey": "order_chair", "step": "budget", **fields}
    return Note.objects.create(
        conversation=conversation,
        customer_id=conversation.customer_id,
        kind="card",
        card=content,
        created_at=clock.now(),
    )
