"""Do the channels let a person go: browsers, what was to be sent, raw bodies, what the sandbox remembers?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from channels_app import delivery, ingest, visits
from channels_app.models import InboundEvent, Visit
from channels_app.sandbox import kit
from channels_app.sandbox.models import SandboxExchange, SandboxFact, SandboxMessage
from channels_app.sandbox.shapes import Upload
from common import clock
from conversations.models import Delivery, Message, Session
from customers import privacy_erasing
from customers.models import Customer, Identity
from tests import factories as make
from tests.channels_app import doors, providers, storefront, whatsapp
from tests.stories import canaries
from tests.stories.canaries import PHONE, WORDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    with canaries.log():
        yield


def post(*messages: Any, **more: Any) -> None:
    assert doors.run(lambda: doors.post(whatsapp.body(whatsapp.value(*messages, **more))))[0] == 200


def begin(person: Customer) -> Any:
    """Asked for; no worker has done anything yet."""
    return privacy_erasing.erase(customer=person, actor="user:1", reason="asked", request_id=str(person.pk))


@pytest.mark.scenario("ID-44")
def test_a_browser_is_signed_out_at_once_and_its_token_opens_a_new_visit() -> None:
    shop = storefront.open_shop()
    opened = visits.open(channel=shop, login=storefront.login())
    person = opened.visit.person
    assert person is not None
    begin(person.customer)
    with pytest.raises(visits.VisitUnknown):
        visits.find(channel=shop, token=opened.token)
    again = visits.open(channel=shop, token=opened.token)
    assert again.visit.visitor.customer.pk != person.customer_id and again.visit.person is None
    canaries.erase(person.customer)
    assert list(Visit.objects.all()) == [again.visit]


def test_what_a_browser_said_just_before_is_dropped_once_she_is_gone() -> None:
    shop = storefront.open_shop()
    browser = storefront.Browser()
    browser.visit()
    person = Visit.objects.get(channel=shop).visitor.customer
    assert browser.say(WORDS).status_code in (200, 202)
    canaries.erase(person)
    ingest.drain()
    assert InboundEvent.objects.get().outcome == "erased" and canaries.found() == []


def test_nothing_that_was_queued_goes_out(graph: providers.Graph, session: Session) -> None:
    make.agent_says(session, "too late", make.agent())
    begin(session.customer)
    delivery.send_due()
    assert set(Delivery.objects.values_list("state", "reason")) == {("cancelled", "erased")}
    assert graph.accepted == []


@pytest.mark.scenario("ID-44")
def test_a_late_receipt_is_kept_without_its_body() -> None:
    whatsapp.channel()
    post(whatsapp.message(WORDS, sender=PHONE))
    ingest.drain()
    canaries.erase(Session.objects.get().customer)
    post(statuses=(whatsapp.status("wamid.unknown", recipient_id=PHONE),))
    InboundEvent.objects.filter(kind="status").update(attempts=9)
    ingest.drain()
    late = InboundEvent.objects.get(kind="status")
    assert (late.state, late.outcome, late.body) == ("done", "unmatched", None)
    assert canaries.found() == []


def test_what_lies_in_quarantine_of_hers_goes_and_cannot_be_replayed() -> None:
    whatsapp.channel()
    post(whatsapp.message("hi", sender=PHONE), whatsapp.message("hi", sender="4915155512345"))
    ingest.drain()
    post(whatsapp.message(WORDS, sender=PHONE))
    InboundEvent.objects.filter(state="pending").update(state="quarantined", error="Boom")
    canaries.erase(Identity.objects.get(phone_tail=tail(PHONE)).customer)
    held = InboundEvent.objects.order_by("pk").last()
    assert (held.state, held.outcome, held.body) == ("done", "erased", None)
    assert canaries.found() == []
    assert InboundEvent.objects.filter(body__isnull=False).count() == 1


def tail(phone: str) -> str:
    from common.crypto import blind

    return blind("phone_tail", value=phone[-8:])


def test_the_pretended_provider_forgets_her_too_and_nobody_else() -> None:
    channel = whatsapp.channel()
    post(whatsapp.message(WORDS, sender=PHONE))
    ingest.drain()
    file = kit.keep_file(channel, Upload(name="canary words.png", media_type="image/png", content=b"canary words"))
    given = {"channel": channel, "is_from_customer": True}
    kit.store(address=PHONE, external_id="1", body={"text": WORDS, "file": str(file.public_id)}, **given)
    kit.store(address="4915155512345", external_id="2", body={"text": "mine"}, **given)
    kit.remember(channel, f"blocked:{PHONE}", True)
    SandboxExchange.objects.create(channel=channel.key, direction="in", method="POST", path="/", request=WORDS)
    canaries.erase(Session.objects.get().customer)
    assert canaries.found() == []
    assert SandboxMessage.objects.get().body == {"text": "mine"} and not SandboxFact.objects.exists()


@pytest.mark.scenario("T-78")
def test_messages_receipts_and_a_merge_on_the_way_while_she_is_erased() -> None:
    from tests.customers.test_races import at_once

    whatsapp.channel()
    post(whatsapp.message(WORDS, sender=PHONE))
    ingest.drain()
    person = Session.objects.get().customer
    now = clock.now().timestamp()
    flood = [whatsapp.message(f"{WORDS} {number}", sender=PHONE, at=now - 60 + number) for number in range(40)]
    post(*flood)

    def work(number: int) -> None:
        if number == 0:
            canaries.erase(person)
        else:
            while ingest.drain(5):
                pass

    at_once(4, work)
    while InboundEvent.objects.filter(state="pending").exists():
        InboundEvent.objects.filter(state="pending").update(next_attempt_at=clock.now())
        ingest.drain()
    privacy_erasing.sweep()
    assert canaries.found() == [] and Customer.objects.kept().count() == 0
    assert not Message.objects.exists() and InboundEvent.objects.filter(state="quarantined").count() == 0
