"""What does a plan depend on, as the database knows it?"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from common import clock
from conversations.models import Conversation
from handover import routing
from handover.models import Affinity, Agent, Queue
from handover.routing import Plan
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(db: None) -> Queue:
    return cast.queue(skill="sales", is_default=True)


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def maya(db: None) -> Conversation:
    _, phone = factories.maya()
    return factories.receive(factories.whatsapp(phone), "hello").conversation


def plan(conversation: Conversation, queue: Queue | None, skill: str = "sales", **more: Any) -> Plan:
    root = conversation.customer
    facts = routing.facts_for(conversation=conversation, root=root, queue=queue, skill=skill, **more)
    return routing.plan(facts, clock.now())


def helped(conversation: Conversation, agent: Agent, queue: Queue, *, ago: timedelta = timedelta(hours=3)) -> None:
    Affinity.objects.update_or_create(
        customer=conversation.customer,
        scope="sales",
        defaults={"agent": agent, "queue": queue, "handled_at": clock.now() - ago},
    )


def test_who_helped_last_is_preferred(maya: Conversation, sales: Queue, ana: Agent) -> None:
    helped(maya, ana, sales)
    found = plan(maya, sales)
    assert (found.rule, found.agent_id, found.queue_id) == (8, ana.pk, sales.pk)


@pytest.mark.scenario("HO-36")
def test_a_week_later_nobody_is(maya: Conversation, sales: Queue, ana: Agent) -> None:
    helped(maya, ana, sales, ago=timedelta(days=8))
    assert (plan(maya, sales).rule, plan(maya, sales).agent_id) == (13, None)


@pytest.mark.parametrize(
    ("scope", "source", "rule"), [("", "", 13), ("gold", "", 13), ("", "crm", 8), ("sales", "", 8)]
)
def test_who_helped_in_something_else_does_not_count(
    maya: Conversation, sales: Queue, ana: Agent, scope: str, source: str, rule: int
) -> None:
    helped(maya, ana, sales)
    Affinity.objects.update(scope=scope, source=source)
    assert plan(maya, sales).rule == rule


def test_whoever_asks_for_nothing_in_particular_has_not_changed_the_subject(
    maya: Conversation, sales: Queue, ana: Agent
) -> None:
    helped(maya, ana, sales)
    assert (plan(maya, sales, skill="").rule, plan(maya, sales, skill="").agent_id) == (8, ana.pk)


@pytest.mark.scenario("HO-31")
def test_an_account_owner_who_is_away_keeps_nobody_out(maya: Conversation, sales: Queue, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    factories.attribute(maya.customer, "account_owner", "ben")
    helped(maya, ana, sales)
    assert plan(maya, sales).agent_id == ben.pk
    Agent.objects.filter(pk=ben.pk).update(manual_status="offline")
    assert plan(maya, sales).agent_id == ana.pk


def test_an_account_owner_who_is_full_keeps_nobody_out_either(maya: Conversation, sales: Queue, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    factories.attribute(maya.customer, "account_owner", "ben")
    Agent.objects.filter(pk=ben.pk).update(capacity=0)
    helped(maya, ana, sales)
    assert (plan(maya, sales).rule, plan(maya, sales).agent_id) == (8, ana.pk)


@pytest.mark.parametrize("has_helped", [True, False])
def test_who_is_only_full_is_waited_for_or_comes_first_when_there_is_room(
    maya: Conversation, sales: Queue, ana: Agent, has_helped: bool
) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    factories.attribute(maya.customer, "account_owner", "ben")
    Agent.objects.filter(pk=ben.pk).update(capacity=0)
    if has_helped:
        helped(maya, ana, sales)
    Agent.objects.filter(pk=ana.pk).update(manual_status="offline")
    factories.agent("Cleo Day", queues=(sales,))
    found, waits = plan(maya, sales), plan(maya, sales, will_wait=True)
    assert (found.rule, found.targets[0].name, found.targets[0].bonus) == (9, f"queue:{sales.pk}", ben.pk)
    assert (waits.rule, waits.targets[0].name, waits.targets[0].waits) == (9, f"agent:{ben.pk}", True)


@pytest.mark.scenario("HO-36")
def test_who_looks_after_the_account_makes_no_old_queue_fresh(maya: Conversation, sales: Queue, ana: Agent) -> None:
    support = cast.queue("support", skill="sales")
    ben = factories.agent("Ben Okafor", queues=(sales, support))
    factories.attribute(maya.customer, "account_owner", "ben")
    helped(maya, ana, support, ago=timedelta(days=8))
    found = plan(maya, sales)
    assert (found.agent_id, [target.name for target in found.targets[1:]]) == (ben.pk, [f"queue:{sales.pk}"])


def test_what_is_opened_again_is_for_who_helped_last(maya: Conversation, sales: Queue, ana: Agent) -> None:
    factories.agent("Ben Okafor", queues=(sales,))
    factories.attribute(maya.customer, "account_owner", "ben")
    helped(maya, ana, sales)
    assert plan(maya, sales, heeds_owner=False).agent_id == ana.pk


@pytest.mark.scenario("HO-32")
def test_an_agent_of_another_queue_is_asked_where_that_is_allowed(maya: Conversation, sales: Queue, ana: Agent) -> None:
    other = cast.queue("support")
    cleo = cast.skilled(factories.agent("Cleo Day", queues=(other,)), "sales")
    helped(maya, cleo, sales)
    assert plan(maya, sales).agent_id is None
    Queue.objects.filter(pk=sales.pk).update(allow_cross_queue=True)
    assert plan(maya, sales).agent_id == cleo.pk


@pytest.mark.scenario("HO-33")
def test_of_a_deactivated_agent_the_queue_is_left(maya: Conversation, sales: Queue, ana: Agent) -> None:
    old = factories.agent("Otto Old", queues=(sales,))
    helped(maya, old, sales)
    Agent.objects.filter(pk=old.pk).update(is_active=False)
    found = plan(maya, sales)
    assert (found.rule, found.agent_id, found.queue_id) == (10, None, sales.pk)


@pytest.mark.scenario("HO-34")
def test_fallbacks_in_a_circle_end_and_are_said(
    maya: Conversation, sales: Queue, ana: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = cast.queue("first"), cast.queue("second")
    Queue.objects.filter(pk=first.pk).update(fallback=second)
    Queue.objects.filter(pk=second.pk).update(fallback=first)
    with caplog.at_level(logging.WARNING):
        found = plan(maya, Queue.objects.get(pk=first.pk))
    assert [target.pk for target in found.targets] == [sales.pk]
    assert "go in a circle" in caplog.text


@pytest.mark.scenario("HO-59")
def test_behind_the_queue_of_last_time_stands_its_own_fallback(maya: Conversation, sales: Queue, ana: Agent) -> None:
    finance, billing = cast.queue("finance"), cast.queue("billing", skill="sales")
    cast.skilled(factories.agent("Fin Archer", queues=(finance,)), "sales")
    Queue.objects.filter(pk=billing.pk).update(fallback=finance)
    Affinity.objects.create(customer=maya.customer, scope="sales", queue=billing, handled_at=clock.now())
    found = plan(maya, sales)
    assert (found.rule, [target.pk for target in found.targets]) == (12, [finance.pk, sales.pk])


def test_the_queue_of_last_time_needs_no_skill_of_its_own_but_somebody_who_has_it(
    maya: Conversation, sales: Queue, ana: Agent
) -> None:
    gold = cast.queue("gold")
    helped(maya, factories.agent("Old Friend", queues=(sales,)), gold)
    Agent.objects.filter(name="Old Friend").update(manual_status="offline")
    gil = factories.agent("Gil Gold", queues=(gold,))
    assert plan(maya, sales).queue_id == sales.pk
    cast.skilled(gil, "sales")
    assert (plan(maya, sales).rule, plan(maya, sales).queue_id) == (10, gold.pk)


@pytest.mark.scenario("HO-60")
def test_a_vip_has_a_queue_of_their_own(maya: Conversation, sales: Queue, ana: Agent) -> None:
    gold = cast.queue("gold", is_vip=True)
    cast.skilled(factories.agent("Gil Gold", queues=(gold,)), "sales")
    helped(maya, ana, sales)
    factories.attribute(maya.customer, "vip", "true")
    found = plan(maya, sales)
    assert [target.name for target in found.targets] == [f"agent:{ana.pk}", f"queue:{gold.pk}", f"queue:{sales.pk}"]
    assert (found.rule, found.priority) == (7, 30)


@pytest.mark.scenario("HO-60")
@pytest.mark.parametrize("gone", [{"is_archived": True}, {"is_open": False}, {}])
def test_of_the_vips_queues_the_first_that_can_serve_is_asked(
    maya: Conversation, sales: Queue, ana: Agent, gone: dict[str, bool]
) -> None:
    first, second = cast.queue("gold", is_vip=True), cast.queue("platinum", is_vip=True)
    team = cast.skilled(factories.agent("Gil Gold", queues=(first, second) if gone else (second,)), "sales")
    factories.attribute(maya.customer, "vip", "true")
    Queue.objects.filter(pk=first.pk).update(**gone) if gone else None
    assert [target.pk for target in plan(maya, sales).targets] == [second.pk, sales.pk]
    team.queues.add(first)
    Queue.objects.filter(pk=first.pk).update(is_archived=False, is_open=True)
    assert [target.pk for target in plan(maya, sales).targets] == [first.pk, sales.pk]


def test_an_archived_queue_takes_nothing(maya: Conversation, sales: Queue, ana: Agent) -> None:
    Queue.objects.update(is_archived=True)
    assert plan(maya, sales) == Plan(15)


def test_a_queue_named_by_a_step_is_explicit(maya: Conversation, sales: Queue, ana: Agent) -> None:
    helped(maya, ana, sales)
    assert plan(maya, sales, is_explicit=True).rule == 6
    found = plan(maya, sales, agent="ana@example.com")
    assert (found.rule, found.agent_id) == (6, ana.pk)


def test_who_is_named_need_not_be_of_the_queue_but_must_have_the_skill(
    maya: Conversation, sales: Queue, ana: Agent
) -> None:
    ben = factories.agent("Ben Okafor", queues=(cast.queue("support"),))
    ben.skills.clear()
    assert plan(maya, sales, agent=ben).agent_id is None
    cast.skilled(ben, "sales")
    assert (plan(maya, sales, agent=ben).agent_id, plan(maya, sales, agent=ben).queue_id) == (ben.pk, sales.pk)


def test_a_language_is_wished_for_where_somebody_speaks_it(maya: Conversation, sales: Queue, ana: Agent) -> None:
    factories.attribute(maya.customer, "language", "es")
    Agent.objects.update(languages=["en"])
    assert [target.needs for target in plan(maya, sales).targets] == [()]
    ben = factories.agent("Ben Okafor", queues=(sales,))
    Agent.objects.filter(pk=ben.pk).update(languages=["es", "en"])
    assert [target.needs for target in plan(maya, sales).targets] == [("language:es",), ()]


def test_a_skill_that_nobody_in_the_queue_has_goes_to_a_queue_that_can_serve(
    maya: Conversation, sales: Queue, ana: Agent
) -> None:
    billing, spare = cast.queue("billing", skill="billing"), cast.queue("spare")
    factories.agent("Ben Okafor", queues=(spare,))
    Queue.objects.filter(pk=billing.pk).update(fallback=spare)
    ana.queues.add(billing)
    assert plan(maya, Queue.objects.get(pk=billing.pk), "billing") == Plan(15)
    cast.skilled(Agent.objects.get(name="Ben Okafor"), "billing")
    assert plan(maya, Queue.objects.get(pk=billing.pk), "billing").queue_id == spare.pk
    cast.skilled(ana, "billing")
    found = plan(maya, Queue.objects.get(pk=billing.pk), "billing")
    assert [target.pk for target in found.targets] == [billing.pk, spare.pk, sales.pk]


def test_who_helped_last_without_the_skill_is_passed_over(maya: Conversation, sales: Queue, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    ben.skills.clear()
    helped(maya, ben, sales)
    Queue.objects.update(allow_cross_queue=True)
    assert (plan(maya, sales).agent_id, plan(maya, sales).queue_id) == (None, sales.pk)


def test_facts_cost_a_handful_of_queries(
    maya: Conversation, sales: Queue, ana: Agent, django_assert_max_num_queries: Any
) -> None:
    helped(maya, ana, sales)
    Queue.objects.update(fallback=cast.queue("behind"))
    for number in range(10):
        cast.queue(f"queue-{number}", skill="other")
    with django_assert_max_num_queries(4):
        plan(maya, sales)
