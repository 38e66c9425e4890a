"""What do answers and receipts teach us about people, and what is tried again by itself?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from channels_app import confirmations, delivery
from channels_app.aftermath import Lesson, learn
from channels_app.registry import DeliveryError, Receipt
from common import clock
from conversations import capabilities
from conversations.models import Delivery
from customers.models import Consent, Identity
from tests import factories
from tests.channels_app import providers
from tests.channels_app.sending import say

pytestmark = pytest.mark.django_db(transaction=True)

BSUID = (("wa_bsuid", "portfolio-1", "SE.1349120865530", "provider", ""),)


@pytest.fixture
def collapsing():
    """A provider that shows the same send only once."""
    plain = capabilities.of("whatsapp")
    capabilities.register(replace(plain, collapses=True))
    yield
    capabilities.register(plain)


def lesson(session, **more):
    return Lesson(session.identity_id, "whatsapp", session.channel, clock.now(), **more)


@pytest.mark.scenario("ID-70")
def test_a_further_name_of_the_recipient_joins_the_same_address(session):
    learn([lesson(session, handles=BSUID)])
    learn([lesson(session, handles=BSUID)])
    found = Identity.objects.get(namespace="wa_bsuid")
    assert found.endpoint_id == session.identity_id and found.customer_id == session.customer_id


@pytest.mark.scenario("ID-70")
def test_a_name_that_is_somebody_elses_is_not_taken_from_them(session):
    tom = factories.identity(factories.customer("Tom"), "wa_bsuid", BSUID[0][2], scope="portfolio-1")
    learn([lesson(session, handles=BSUID)])
    assert Identity.objects.get(namespace="wa_bsuid").customer_id == tom.customer_id


def test_a_receipt_that_names_another_number_joins_nobody(session):
    stranger = ("phone", "", "+46709999999", "provider", "")
    learn([lesson(session, handles=(stranger, *BSUID))])
    assert Identity.objects.get() == session.identity


def test_a_receipt_that_writes_the_number_in_its_own_way_is_understood(session):
    theirs = ("phone", "portfolio-1", session.identity.raw.lstrip("+"), "provider", "")
    learn([lesson(session, handles=(theirs, *BSUID))])
    assert Identity.objects.filter(namespace="wa_bsuid").exists()


def test_an_undeliverable_address_is_marked(graph, session):
    graph.script = [providers.error(131026)]
    say(session)
    delivery.send_due()
    assert Identity.objects.get().unreachable_reason == "undeliverable"


def test_a_refusal_by_the_customer_withdraws_consent(graph, session):
    row = say(session)
    delivery.send_due()
    error = DeliveryError("opted_out")
    confirmations.confirm([("whatsapp-demo", Receipt("", "failed", clock.now(), str(row.public_id), error))])
    kept = Consent.objects.get()
    assert (kept.purpose, kept.state) == ("marketing", "out")  # all that this provider's refusal speaks of


def test_a_plain_refusal_teaches_nothing(graph, session):
    graph.script = [providers.error(131009)]
    say(session)
    delivery.send_due()
    assert not Consent.objects.exists() and Identity.objects.get().unreachable_at is None


def test_a_lost_send_is_sent_again_where_the_provider_collapses_the_two(graph, session, collapsing):
    graph.script = ["lost"]
    row = say(session)
    delivery.send_due()
    row.refresh_from_db()
    assert row.state == "queued"
    Delivery.objects.update(next_attempt_at=clock.now())
    delivery.send_due()
    row.refresh_from_db()
    assert row.state == "sent" and graph.refs == [str(row.public_id)] * 2


@pytest.mark.scenario("T-P4")
def test_a_lost_send_stays_unknown_where_it_would_be_read_twice(graph, session):
    graph.script = ["lost"]
    say(session)
    delivery.send_due()
    assert Delivery.objects.get().state == "unknown"


@pytest.mark.scenario("T-P4")
@pytest.mark.parametrize(("kind", "state"), [(True, "queued"), (False, "unknown")])
def test_a_claim_whose_worker_died(request, graph, session, kind, state):
    if kind:
        request.getfixturevalue("collapsing")
    say(session)
    delivery.claim(1)
    Delivery.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    delivery.sweep()
    assert Delivery.objects.get().state == state


def test_whom_the_provider_asks_to_be_written_tomorrow_is_not_given_up_today(graph, session):
    graph.script = [providers.error(131049)]
    say(session)
    delivery.send_due()
    row = Delivery.objects.get()
    assert row.reason == "deferred" and row.next_attempt_at >= clock.now() + timedelta(hours=23)
    Delivery.objects.update(next_attempt_at=clock.now(), queued_at=clock.now() - timedelta(hours=30))
    delivery.send_due()
    assert Delivery.objects.get().state == "sent"


def test_a_mark_until_a_moment_reads_everything_sent_before_it_and_nothing_after(graph, session):
    early = say(session, "early")
    delivery.send_due()
    Delivery.objects.update(sent_at=clock.now() - timedelta(minutes=2))
    late = say(session, "late")
    delivery.send_due()
    phone = (("phone", "", session.identity.raw, "provider", ""),)
    mark = Receipt("", "read", clock.now() - timedelta(minutes=1), handles=phone, watermark=True)
    assert confirmations.confirm([("whatsapp-demo", mark)]) == [True]
    early.refresh_from_db()
    late.refresh_from_db()
    assert (early.state, late.state) == ("read", "sent")


def test_a_mark_of_somebody_unknown_is_unmatched(graph, session):
    phone = (("phone", "", "46700000000", "provider", ""),)
    mark = Receipt("", "read", clock.now(), handles=phone, watermark=True)
    assert confirmations.confirm([("whatsapp-demo", mark)]) == [False]


def test_a_lesson_that_cannot_be_learnt_ends_nothing(session):
    broken = Lesson(session.identity_id, "whatsapp", session.channel, clock.now(), "", (("no such", "name"),))
    lost = replace(broken, reason="unreachable", handles=())
    learn([broken, lost])
    assert Identity.objects.get().unreachable_reason == "undeliverable"
