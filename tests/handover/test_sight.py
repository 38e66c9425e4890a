"""Does an open socket see what a page would show? The batch rule against `visible_to`, for every kind of row."""

from __future__ import annotations

import pytest

from conversations.models import Conversation
from handover import desk, refusals, sight
from handover.models import Agent, Queue
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def agents() -> list[Agent]:
    sales, support = factories.queue("sales"), factories.queue("support")
    ana = factories.agent("Ana Sousa", queues=(sales,))
    made = [ana, factories.agent("Ben Okafor", queues=(support,)), factories.agent("Nobody Here")]
    made += [factories.agent("Chloe Martin", supervises=(support,)), factories.agent("Root Admin")]
    made[-1].user.is_superuser = True
    made[-1].user.save(update_fields=["is_superuser"])
    for target in (sales, support):
        factories.waiting_in(target)
        factories.give(factories.waiting_in(target), ana)
        factories.give(factories.waiting_in(target), None)
    for owner in (None, made[1]):
        moved = cast.waiting(support, factories.agent(f"Asked{owner and owner.pk} Once"), sales, plan_step=2)
        assert owner is None or factories.give(moved, owner)
    cast.waiting(sales, support)
    factories.give(factories.receive(factories.whatsapp(factories.maya()[1]), "hi").conversation, made[2])
    factories.receive(factories.whatsapp(factories.phone(factories.customer(), "46701740636")), "hi")
    return made


def test_a_batch_shows_each_agent_what_the_desk_shows(agents: list[Agent]) -> None:
    every = list(Conversation.objects.values_list("pk", flat=True))
    seen = sight.of(Agent.objects.values_list("pk", flat=True), every)
    for agent in Agent.objects.all():
        assert seen.get(agent.pk, set()) == set(sight.visible_to(agent).values_list("pk", flat=True)), agent.name


def test_whoever_the_plan_has_asked_still_sees_it_and_may_take_it(agents: list[Agent]) -> None:
    sales, support = Queue.objects.get(key="sales"), Queue.objects.get(key="support")
    waits, named = cast.waiting(support, sales, plan_step=1), factories.agent("Named Once")
    ahead, asked = cast.waiting(support, sales), cast.waiting(support, named, plan_step=1)
    assert sight.may_see(agents[0], waits) and not sight.may_see(agents[2], waits)
    assert sight.may_see(named, asked) and not sight.may_see(named, waits)
    Conversation.objects.filter(pk=ahead.pk).update(owner_id=sales.pk, queue_id=sales.pk)
    assert not sight.may_see(agents[1], ahead), "a queue that is still to come"
    desk.claim(conversation_id=waits.pk, agent=agents[1])
    with pytest.raises(refusals.AlreadyTaken):
        desk.claim(conversation_id=waits.pk, agent=agents[0])
    desk.claim(conversation_id=asked.pk, agent=named)


def test_a_deactivated_agent_sees_nothing(agents: list[Agent]) -> None:
    Agent.objects.filter(pk=agents[0].pk).update(is_active=False)
    assert agents[0].pk not in sight.of([agents[0].pk], Conversation.objects.values_list("pk", flat=True))


def test_the_questions_do_not_grow_with_the_team(agents: list[Agent], django_assert_num_queries: object) -> None:
    every = list(Conversation.objects.values_list("pk", flat=True))
    with django_assert_num_queries(4):  # type: ignore[operator]  # pytest-django's fixture
        sight.of([agent.pk for agent in agents], every)
