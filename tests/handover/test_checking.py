"""Is who helped last rebuilt from what happened?"""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from conversations.content import Text
from conversations.models import Conversation
from handover import checking, desk
from handover.models import Affinity, Agent, Queue
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return factories.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def answered(sales: Queue, ana: Agent) -> Conversation:
    waiting = factories.waiting_in(sales)
    return desk.reply(conversation_id=waiting.pk, agent=ana, content=Text("Hello"), client_id="1")


@pytest.mark.scenario("HO-I12")
def test_nothing_drifts_by_itself(answered: Conversation) -> None:
    assert checking.check() == []
    call_command("affinity_check")


@pytest.mark.scenario("HO-I12")
def test_what_was_lost_is_rebuilt_from_the_events(answered: Conversation, ana: Agent, sales: Queue) -> None:
    before = Affinity.objects.values_list("customer_id", "scope", "agent_id", "queue_id", "conversation_id").get()
    Affinity.objects.all().delete()
    with pytest.raises(CommandError, match="last agent of 1 customers"):
        call_command("affinity_check")
    call_command("affinity_check", "--repair")
    assert (
        Affinity.objects.values_list("customer_id", "scope", "agent_id", "queue_id", "conversation_id").get() == before
    )
    assert checking.check() == []
