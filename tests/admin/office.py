"""What lies in the back office of the tests? A row of every kind, most made through the doors of the product."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from channels_app.key_models import KeySet
from channels_app.models import Attempt, Channel, InboundEvent, SpentToken, Visit, WidgetKey
from channels_app.template_models import MessageTemplate
from common import clock
from conversations.answers import articles
from conversations.journeys import publishing
from conversations.models import (
    Attachment,
    Connection,
    ConnectionState,
    Delivery,
    Journey,
    JourneyRun,
    JourneyVersion,
    Question,
    RemoteTask,
    Session,
    StepLog,
    Timer,
    WebRequest,
)
from customers import audit, consent, merging
from customers.models import (
    AttributeDefinition,
    Challenge,
    Conflict,
    Customer,
    Erasure,
    IdempotentAnswer,
    Identity,
    MappingImport,
)
from handover.models import Affinity, BusinessHours
from tests import factories as make
from tests.admin import desk

APPS = ("customers", "conversations", "handover", "channels_app", "analytics", "config")
# Tables without a page, each with the reason.
PAGELESS = {
    "conversations.ConnectionState": "shown on the page of its connection",
    "channels_app.InboundKey": "Django's admin takes no composite primary key; its rows are digests",
    "channels_app.ChannelState": "shown on the channel's health page",
    "channels_app.ChannelHour": "shown on the channel's health page; a composite primary key",
    "channels_app.RecipientPace": "a composite primary key; ids and times of a minute",
    "conversations.JourneyTrial": "a code that begins a draft in the sandbox, gone after a day",
    "conversations.RunChange": "shown on the journey's page for publishing",
    "conversations.Greeting": "who was welcomed where: ids and a time",
    "conversations.LastEvent": "one sealed line of the last order; read on the handover card",
    "conversations.MessageEdit": "read in the inbox, where access is checked per conversation",
    "conversations.MessageReaction": "read in the inbox, where access is checked per conversation",
    "conversations.SearchWords": "what the search looks through; rebuilt from the messages",
    "conversations.SearchProgress": "how far the search has read",
    "handover.ConversationTag": "topics are seen on the conversation in the inbox",
    "handover.Draft": "what somebody has not sent is for their own eyes",
    "handover.Mention": "seen in the inbox by the one who was named",
    "handover.SeenMark": "a number for each agent and conversation",
    "channels_app.ChannelCursor": "how far a source was read: one sealed value, of use to its adapter only",
    "channels_app.GatewaySession": "a resumable session of a bot; only the gateway reads and writes it",
    "channels_app.DirectPlace": "a composite primary key; its rows are digests and ids of messages",
    "conversations.ArticleEdition": "a number for each language: when what processes remember is old",
    "conversations.Miss": "a list of its own in the back office (conversations.answers.pages)",
    "conversations.MissAsking": "counted in the list of unanswered questions",
    "customers.IdentityPolicy": "a form of its own in the back office (customers.pages_policy)",
    "customers.MatchSuggestion": "a queue of its own in the back office (customers.pages_suggestions)",
    "customers.Tally": "counters of a day; shown in /metrics",
    "customers.Tombstone": "digests of people who were erased; what became of each erasure has a page",
    "channels_app.SandboxClock": "shown and set in the sandbox",
    "channels_app.SandboxControls": "shown and set in the sandbox",
    "channels_app.SandboxContact": "shown in the sandbox",
    "channels_app.SandboxMessage": "shown in the sandbox",
    "channels_app.SandboxFact": "what a pretended provider remembers; seen in the sandbox by what it does",
    "channels_app.SandboxFile": "bytes that a pretended provider keeps; the sandbox shows them in its chats",
    "channels_app.SandboxExchange": "shown in the sandbox's inspector",
    "customers.RecentFailures": "digests and times of five minutes; the failures themselves are in the audit trail",
}
REGISTERED: list[type[models.Model]] = sorted(admin.site._registry, key=lambda model: model._meta.label)
CANARY = "CANARY-7f3a"  # stands in every sealed value
SECRET = f"{CANARY}-secret-that-is-long-enough-to-sign"
PHONE = "4670174"


def models_of_ours() -> set[str]:
    return {model._meta.label for name in APPS for model in apps.get_app_config(name).get_models()}


def page(model: type[models.Model], view: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def shown(browser: Client, row: models.Model) -> dict[str, Any]:
    """What a browser would send from the page of a queue or an agent, if nothing were changed there."""
    form = browser.get(page(type(row), "change", row.pk)).context["adminform"].form
    given = {bound.html_name: bound.value() for bound in form}
    was = {bound.html_initial_name: str(bound.value()) for bound in form if bound.field.show_hidden_initial}
    rows = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    return {name: value for name, value in (given | was | rows).items() if value not in (None, False, [])}


def fill(rows: int) -> None:
    """As many rows of every registered kind."""
    for number in range(rows):
        AttributeDefinition.objects.get_or_create(key=f"size_{number}", defaults={"label": "Size"})
        fill_one(number)


def fill_one(number: int) -> None:
    """One customer with a story, one queue, one channel: every value that must not be shown holds the canary."""
    queue = make.queue(f"queue-{number}", skill=f"skill-{number}")
    agent = make.agent(f"Agent{number} Test", queues=(queue,))
    person = make.customer(CANARY)
    phone = make.phone(person, f"{PHONE}{number:04d}")
    session = make.receive(make.whatsapp(phone), CANARY).session
    said = make.bot_says(session, CANARY)
    delivery = Delivery.objects.get(message=said)
    channel, now = widget(number), clock.now()
    MessageTemplate.objects.create(channel=channel, name="x", language="en", status="approved", synced_at=now)
    InboundEvent.objects.create(
        channel=channel,
        key=str(uuid4()),
        handle="h",
        body=CANARY,
        occurred_at=now,
        received_at=now,
        next_attempt_at=now,
        state="quarantined",
    )
    Attempt.objects.create(delivery=delivery, number=1, started_at=now)
    Attachment.objects.create(message=said, customer=person, name=CANARY, reference=CANARY, recorded_at=now)
    Timer.objects.create(kind="test", object_id=number, due_at=now + timedelta(days=1))
    make.card(session.conversation, answers=CANARY)
    articles.save(
        article=None, values={"key": f"a-{number}", "language": "en", "title": f"Title {number}", "body": "Words."}
    )
    BusinessHours.objects.create(title=f"hours {number}", weekly={"mon": ["09:00-17:00"]})
    Affinity.objects.create(customer=person, agent=agent, queue=queue, handled_at=now)
    Conflict.objects.create(customer=person, kind="tie", subject="name")
    IdempotentAnswer.objects.create(actor="user:1", key=f"k-{number}", body_digest="d", answer={"text": CANARY})
    MappingImport.objects.create(name="people.csv", sha256="0", created_by="user:1")
    Group.objects.create(name=f"group {number}")
    audit.record(actor="user:1", action="test")
    here = {"customer": person, "conversation": session.conversation, "session": session, "message": said}
    Question.objects.create(**here, heard=said.pk, epoch=0, asked_at=now, next_attempt_at=now)
    desk.fill_one(number, session, agent, queue)
    joined(number, person, phone)
    run(number, session)


def widget(number: int) -> Channel:
    """A channel with its keys and a visit."""
    now, title = clock.now(), f"Channel {number}"
    channel = Channel.objects.create(
        key=f"channel-{number}", kind="web", title=title, credentials={"app_secret": SECRET}
    )
    WidgetKey.objects.create(channel=channel, kid=f"kid-{number}", secret=SECRET)
    KeySet.objects.create(channel=channel, url="https://site.example/keys", asked_at=now)
    visit = Visit.objects.create(channel=channel, digest=f"digest-{number}", created_at=now, last_seen_at=now)
    SpentToken.objects.create(visit=visit, digest=f"token-{number}", expires_at=now)
    return channel


def joined(number: int, person: Customer, phone: Identity) -> None:
    """One more customer who was joined to the person and parted again; a word of consent, and a link."""
    now, other = clock.now(), make.customer(CANARY)
    found = merging.merge(a=person, b=other, kind="manual", rule="test", actor="user:1", request_id=f"merge-{number}")
    assert found.link is not None
    merging.split(links=[found.link], actor="user:1", request_id=f"split-{number}", reason="test")
    consent.record(identity=phone, purpose="marketing", state="in", occurred_at=now, evidence={"source": "test"})
    Erasure.objects.create(members=[0], customers=[], request_id=str(uuid4()), requested_by="user:1", erased_at=now)
    Challenge.objects.create(
        kind="link",
        digest=f"{CANARY}-{number}",
        purpose="switch",
        target=CANARY,
        session_ref=CANARY,
        ip=CANARY,
        opener=phone,
        expires_at=now,
    )


def run(number: int, session: Session) -> JourneyRun:
    """A run of a journey of its own, one step in."""
    version = journey(f"journey_{number}")
    now = clock.now()
    found = JourneyRun.objects.create(
        customer=session.customer,
        conversation=session.conversation,
        session=session,
        version=version,
        vars={"budget": CANARY},
        started_at=now,
        touched_at=now,
    )
    StepLog.objects.create(run=found, customer=session.customer, seq=1, step_id="ask", input=CANARY, at=now)
    asked(number, found)
    began(number, found)
    return found


def began(number: int, run: JourneyRun) -> RemoteTask:
    """A job elsewhere that the run waits for, which has reported."""
    return RemoteTask.objects.create(
        run=run,
        customer=run.customer,
        connection=f"shop_{number}",
        step_id="hello",
        guard=1,
        cancel={"path": CANARY},
        report={"text": CANARY},
        deadline=run.started_at,
        created_at=run.started_at,
    )


def asked(number: int, run: JourneyRun) -> WebRequest:
    """What the run has asked of another system, which answered."""
    headers = {"Authorization": f"Bearer {SECRET}"}
    shop = Connection.objects.create(key=f"shop_{number}", title="Shop", base_url="https://a.example", headers=headers)
    ConnectionState.objects.create(connection=shop)
    return WebRequest.objects.create(
        run=run,
        customer=run.customer,
        seq=1,
        step_id="hello",
        connection=shop,
        request={"method": "GET", "path": f"/{CANARY}", "query": {"q": CANARY}, "body": {"a": [CANARY]}},
        response={"a": CANARY},
        next_attempt_at=run.started_at,
        created_at=run.started_at,
    )


def journey(key: str) -> JourneyVersion:
    """A small published journey."""
    with transaction.atomic():
        return publishing.publish(text=DRAFT.format(key=key))


def unpublished(key: str, text: str) -> Journey:
    return Journey.objects.create(key=key, title=key, draft=text)


DRAFT = """journey: {key}
title: A greeting
steps:
  - id: hello
    type: message
    text: Hello
    next: done
  - id: done
    type: end
"""
