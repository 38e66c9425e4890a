"""Who is the person that is erased, and is anything of her left? Every table is read, sealed columns opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection

from channels_app import ingest
from channels_app.models import InboundEvent
from common import clock
from common.fields import EncryptedTextField
from conversations import shopping, words
from conversations.models import Greeting, Message, Question, Session
from customers import audit, consent, merging, privacy_erasing, tombstone_log
from customers.models import Challenge, Conflict, Customer, Erasure, IdempotentAnswer
from handover.models import Agent
from tests import factories as make
from tests.channels_app import doors, whatsapp

PHONE, NAME, WORDS, MAIL = "4917695551234", "Canaria Canarison", "canary words 8c1f", "canaria@example.com"
CANARIES = (PHONE, "Canaria", "canarison", "canary words", "canaria@")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def found(canaries: Sequence[str] = CANARIES) -> list[str]:
    """`table: canary` of everything that is left, in plain text or sealed, and in the stored files."""
    left = {f"{table}: {canary}" for table, text in (*plain(), *sealed()) for canary in canaries if canary in text}
    return sorted(left)


def plain() -> Iterator[tuple[str, str]]:
    """Each row of each table, as Postgres writes it."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            yield from ((table, text) for (text,) in cursor.fetchall())


def sealed() -> Iterator[tuple[str, str]]:
    """Each sealed value, opened."""
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
        for row in model._default_manager.all() if names else ():
            yield from ((model._meta.db_table, str(getattr(row, name))) for name in names)


def files(folder: str = "attachments") -> list[str]:
    """What lies in the storage below a folder."""
    if not default_storage.exists(folder):
        return []
    folders, names = default_storage.listdir(folder)
    below = [name for one in folders for name in files(f"{folder}/{one}")]
    return [f"{folder}/{name}" for name in names] + below


@contextmanager
def log() -> Iterator[None]:
    """The tombstones beside the backups are of one test, for the storage is everybody's."""
    yield
    for name in files(tombstone_log.FOLDER):
        default_storage.delete(name)


def erase(customer: Customer, **more: Any) -> Erasure:
    """Asked for by an administrator, and carried out to the end."""
    given = {"actor": "user:1", "reason": "asked by letter", "request_id": f"test:{customer.pk}", **more}
    made = privacy_erasing.erase(customer=customer, **given)
    assert privacy_erasing.go_on(made.pk)
    made.refresh_from_db()
    return made


def hear(text: str = WORDS, *, at: float | None = None, wamid: str = "") -> list[str]:
    """A signed webhook of hers, stored and drained; the outcomes of all events so far."""
    said = whatsapp.value(whatsapp.message(text, sender=PHONE, at=at, wamid=wamid))
    said["contacts"][0]["profile"]["name"] = NAME
    assert doors.run(lambda: doors.post(whatsapp.body(said)))[0] == 200
    ingest.drain()
    return list(InboundEvent.objects.order_by("pk").values_list("outcome", flat=True))


def canaria(public_id: UUID | None = None) -> Customer:
    """She has written, was answered, and left a trace in every table that can hold one."""
    hear()
    session = Session.objects.get()
    Customer.objects.filter(pk=session.customer_id).update(public_id=public_id or session.customer.public_id)
    person = Customer.objects.get(pk=session.customer_id)
    phone = session.identity
    agent = Agent.objects.filter(name="Ana Sousa").first() or make.agent("Ana Sousa", queues=(make.queue(),))
    make.agent_says(session, f"Dear {NAME}", agent)
    make.card(session.conversation, answers=WORDS)
    make.identity(person, "email", MAIL)
    make.attribute(person, "city", "Canaria City", source="agent")
    consent.record(identity=phone, purpose="all", state="out", occurred_at=clock.now(), evidence={"note": WORDS})
    remembered(person, session)
    audit.record(actor="user:1", action="identity.reveal", object_id=str(person.public_id), reason=f"{NAME} called")
    IdempotentAnswer.objects.create(
        actor="user:1", key=str(person.pk), body_digest="d", answer={"customer": str(person.public_id), "text": WORDS}
    )
    Conflict.objects.create(customer=person, kind="tie", subject="name")
    expires = clock.now() + timedelta(minutes=5)
    Challenge.objects.create(
        kind="link", digest=NAME, purpose="switch", session_ref="s", opener=phone, expires_at=expires
    )
    words.gather()
    return person


def remembered(person: Customer, session: Session) -> None:
    """She was welcomed back, has ordered, and a language model was asked."""
    now, said = clock.now(), Message.objects.filter(session=session)[0]
    Greeting.objects.create(customer=person, identity=session.identity, channel=session.channel, greeted_at=now)
    shopping.note(customer=person, name="order.paid", data={"title": WORDS}, occurred_at=now)
    here = {"customer": person, "session": session, "conversation": session.conversation, "message": said}
    Question.objects.create(**here, heard=said.pk, epoch=0, asked_at=now, next_attempt_at=now)


def joined(person: Customer, other: Customer) -> None:
    merging.merge(
        a=person, b=other, kind="manual", rule="test", actor="user:1", request_id=str(uuid4()), reason=f"{NAME} said so"
    )
