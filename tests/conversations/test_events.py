"""What happened, in which order? Numbers without gaps, for the desk and for each endpoint."""

from __future__ import annotations

import json
import time

import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, transaction

from conversations import events, realtime
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_desks_numbers_have_no_gaps_and_each_endpoint_counts_its_own() -> None:
    person, phone = factories.maya()
    first = factories.receive(factories.whatsapp(phone), "hello")
    shop = factories.receive(factories.web(factories.site_user(person)), "hello from the shop")
    factories.bot_says(first.session, "Hi!")
    rows = events.of_conversation(first.conversation.pk, after=0)
    assert [(row.seq, row.kind, row.session_seq) for row in rows] == [
        (1, "opened", None), (2, "message", 1), (3, "message", 1), (4, "message", 2),
    ]  # fmt: skip
    assert [row.seq for row in events.of_endpoint(shop.session.identity_id, factories.WEB, after=0)] == [3]


def test_an_endpoints_numbers_go_on_in_its_next_session() -> None:
    _, phone = factories.maya()
    first = factories.receive(factories.whatsapp(phone), "hello")
    factories.give(first.conversation, None, state="closed")
    second = factories.receive(factories.whatsapp(phone), "hello again")
    assert second.session.pk != first.session.pk
    seen = events.of_endpoint(phone.pk, factories.WHATSAPP, after=0)
    assert [row.session_seq for row in seen] == [1, 2]


def test_a_rolled_back_event_leaves_no_gap() -> None:
    _, phone = factories.maya()
    here = factories.receive(factories.whatsapp(phone), "hello")
    with pytest.raises(IntegrityError), transaction.atomic():
        events.append(conversation=here.conversation, kind="note", source="crm", source_event_id="1")
        events.append(conversation=here.conversation, kind="note", source="crm", source_event_id="1")
    assert events.append(conversation=here.conversation, kind="note") == 3


@pytest.mark.django_db(transaction=True)
def test_screens_are_hinted_once_after_the_commit(redis_client: redis.Redis) -> None:
    _, phone = factories.maya()
    with redis_client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(settings.HUB_CHANNEL)
        time.sleep(0.1)
        heard.get_message()
        here = factories.receive(factories.whatsapp(phone), "hello")
        published = [message for _ in range(5) if (message := heard.get_message(timeout=0.3))]
    names = [json.loads(message["data"])["names"] for message in published]
    assert names == [[
        f"conversation:{here.conversation.pk}", f"desk:{here.conversation.pk}", f"endpoint:{phone.pk}:whatsapp-demo",
    ]]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_nothing_is_hinted_for_what_was_rolled_back(redis_client: redis.Redis) -> None:
    with redis_client.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(settings.HUB_CHANNEL)
        time.sleep(0.1)
        heard.get_message()
        with transaction.atomic():
            realtime.hint("conversation:1")
            transaction.set_rollback(True)
        assert heard.get_message(timeout=0.3) is None
