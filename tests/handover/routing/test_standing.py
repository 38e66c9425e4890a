"""Is what the desk does with a conversation that stands somewhere what the decision table says? Rules 1 to 3 and 5."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations import courtesy
from conversations.models import Conversation
from handover import desk, owning, presence, routing
from handover.models import Agent, Queue
from handover.routing import Facts, Plan, Preferred, QueueFacts, Standing
from handover.routing.plans import KEPT, STAYS_CLOSED
from tests.stories import cast
from tests.stories.cast import Endpoint, Person
from tests.stories.conftest import ana, later, sales

__all__ = ["ana", "later", "sales"]
pytestmark = pytest.mark.django_db
Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person, ana: Agent) -> Endpoint:
    """Ana has Maya's conversation."""
    phone = maya.on_whatsapp()
    phone.says("hi")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    return phone


def said_by_the_table(standing: Standing, queue: Queue) -> Plan:
    """Of a conversation whose queue is open, with somebody there."""
    return routing.plan(Facts(None, last_queue=QueueFacts(queue.pk, True, True), standing=standing), clock.now())


@pytest.mark.parametrize("owner", ["agent", "queue", "external"])
def test_rule_1_what_somebody_has_is_appended_to(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, owner: Conversation.Owner
) -> None:
    if owner != "agent":
        owning.move(conversation=maya.conversation, to=owner, owner_id=sales.pk, queue_id=sales.pk, cause="handover")
    before = (maya.conversation.owner_kind, maya.conversation.owner_id, maya.conversation.owner_epoch)
    phone.says("It wobbles")
    assert (maya.conversation.owner_kind, maya.conversation.owner_id, maya.conversation.owner_epoch) == before
    assert said_by_the_table(Standing("open", owner), sales).outcome == KEPT


@pytest.mark.parametrize("minutes", [1, 9, 11])
def test_rules_2_and_3_what_rests_wakes_where_the_table_says(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, later: Later, minutes: int
) -> None:
    Agent.objects.filter(pk=ana.pk).update(last_seen_at=clock.now())
    desk.park(conversation_id=maya.conversation.pk, agent=ana)
    later(minutes=minutes)
    seen = Agent.objects.get(pk=ana.pk)
    known = Preferred(ana.pk, clock.now(), presence.is_online(seen), is_member=True, has_room=True)
    assert seen.last_seen_at is not None
    standing = Standing("parked", "agent", agent=known, away_for=clock.now() - seen.last_seen_at)
    found = said_by_the_table(standing, sales)
    phone.says("Any news?")
    owner = ("agent", found.agent_id) if found.rule == 2 else ("queue", found.queue_id)
    assert (maya.conversation.owner_kind, maya.conversation.owner_id) == owner


@pytest.mark.parametrize("text", ["Thank you!", "👍", "It wobbles"])
@pytest.mark.parametrize("hours", [2, 25])
def test_rule_5_what_was_resolved_stays_closed_where_the_table_says(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, later: Later, hours: int, text: str
) -> None:
    closed = desk.close(conversation_id=maya.conversation.pk, agent=ana)
    later(hours=hours)
    presence.heartbeat(agent=ana, at=clock.now())
    thanks = courtesy.is_thanks(text)
    found = said_by_the_table(
        Standing("closed", closed_at=closed.closed_at, reason="resolved", is_thanks=thanks), sales
    )
    phone.says(text)
    closed.refresh_from_db()
    goes_on = found.rule == 5 and found.outcome != STAYS_CLOSED
    assert (closed.state == "open") == goes_on
    is_farewell = found.outcome == STAYS_CLOSED
    assert (not maya.conversation.runs.exists() and maya.conversation.pk != closed.pk) == is_farewell
