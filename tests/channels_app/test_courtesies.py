"""Does the customer see that we read and type, once, and does nothing suffer if that fails?"""

from __future__ import annotations

import pytest
import redis

from channels_app import courtesies, delivery
from channels_app.models import Channel
from channels_app.registry import DeliveryError
from conversations.models import Session
from tests.channels_app.sending import say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def told(redis_client: redis.Redis):
    """Nobody was told anything yet."""
    yield
    for key in redis_client.scan_iter("throughline:courtesy:*"):
        redis_client.delete(key)


def test_an_agent_who_types_is_shown_once_for_a_while(graph, session, redis_client):
    assert courtesies.show(session.conversation_id, "typing", redis_client)
    assert not courtesies.show(session.conversation_id, "typing", redis_client)
    assert graph.courtesies[0]["status"] == "read" and "typing_indicator" in graph.courtesies[0]


def test_reading_is_shown_without_dots(graph, session, redis_client):
    assert courtesies.show(session.conversation_id, "read", redis_client)
    assert "typing_indicator" not in graph.courtesies[0]


@pytest.mark.parametrize(
    "fields", [{"is_enabled": False}, {"stopped_reason": "x"}, {"config": {"show_reading": False}}]
)
def test_a_channel_that_should_not_is_not_asked(graph, session, redis_client, fields):
    Channel.objects.update(**fields)
    assert not courtesies.show(session.conversation_id, "read", redis_client) and not graph.courtesies


def test_a_session_that_is_over_is_shown_nothing(graph, session, redis_client):
    Session.objects.update(ended_at=session.opened_at)
    assert not courtesies.show(session.conversation_id, "read", redis_client)


def test_a_refusal_is_the_callers_to_swallow_and_costs_no_message(graph, session, redis_client):
    graph.refuses_courtesies = True
    with pytest.raises(DeliveryError):
        courtesies.show(session.conversation_id, "read", redis_client)
    say(session)
    delivery.send_due()
    assert len(graph.texts) == 1


def test_only_gestures_of_agents_count():
    offered = []
    desk = courtesies.Courtesies()
    desk.offer = lambda pk, kind: offered.append((pk, kind))  # type: ignore[method-assign]  # what would be told
    desk.hear("typing:7", {"by": "agent", "what": "typing"})
    desk.hear("typing:7", {"by": "agent", "what": "viewing"})
    desk.hear("typing:7", {"by": "agent", "what": "left"})
    desk.hear("typing:7", {"by": "customer", "what": "typing"})
    desk.hear("typing:x", {"by": "agent"})
    desk.close()
    assert offered == [(7, "typing"), (7, "read")]


def test_who_is_answered_is_told_of_while_there_is_little_to_send(graph, session):
    answered = []
    say(session)
    with delivery.Dispatcher(on_sent=answered.append) as dispatcher:
        dispatcher.speed = 0.0
        dispatcher.pump()
        dispatcher.wait(5.0)
        dispatcher.recorded_at -= 10
        dispatcher.record()
    assert answered == [session.conversation_id]
