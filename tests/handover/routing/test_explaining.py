"""Is it said in words why a conversation is whose it is?"""

from __future__ import annotations

import pytest
from django.utils.translation import override

from common import clock
from conversations.models import Conversation
from handover import routing
from handover.models import Agent, Queue
from handover.routing import explaining, offers
from tests import factories
from tests.handover.routing import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales(db: None) -> Queue:
    return cast.queue()


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


def test_an_agent_reads_why_it_is_theirs(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ana)
    cast.begin(waits)
    assert explaining.sentence(waits, ana) == "You helped this customer last."
    offers.accept(offer_id=cast.offer(waits).public_id, agent=ana)
    waits.refresh_from_db()
    found = explaining.why(waits, ana, leads=False)
    assert found is not None
    assert (found.title, found.words) == (
        "Why is this mine?",
        "It was offered to you, and you accepted. You helped this customer last.",
    )
    assert found.steps == ()


def test_who_takes_it_from_the_queue_was_not_offered_it(sales: Queue, ana: Agent) -> None:
    waits = factories.give(cast.waiting(sales, rule=14), ana, cause="accept")
    found = explaining.why(waits, ana, leads=False)
    assert found is not None and found.words.startswith("You took it. ")


def test_what_was_chosen_by_name_says_the_name(sales: Queue, ana: Agent) -> None:
    ben = factories.agent("Ben Okafor", queues=(sales,))
    assert explaining.sentence(cast.waiting(sales, ben, rule=6), ana) == "Ben Okafor was chosen by name."


def test_who_is_chosen_by_name_reads_that_it_was_them(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales, ana, rule=6)
    assert explaining.sentence(waits, ana) == "You were chosen by name."
    found = explaining.why(factories.give(waits, ana, cause="preferred"), ana, leads=False)
    assert found is not None and found.words == "It was given to you. You were chosen by name."


def test_an_account_owner_is_not_said_to_have_helped(sales: Queue, ana: Agent) -> None:
    chloe = factories.agent("Chloe Martin", queues=(sales,))
    waits = factories.waiting_in(sales)
    factories.attribute(waits.customer, "account_owner", "chloe")
    facts = routing.facts_for(conversation=waits, root=waits.customer, queue=sales, skill="")
    made = routing.plan(facts, clock.now())
    Conversation.objects.filter(pk=waits.pk).update(routing_plan=made.to_json())
    waits.refresh_from_db()
    assert explaining.sentence(waits, ana) == "Chloe Martin is this customer's account owner and was there."
    assert explaining.sentence(waits, chloe) == "You are this customer's account owner."
    given = factories.give(waits, chloe, cause="preferred")
    found = explaining.why(given, chloe, leads=False)
    assert found is not None and found.words == "It was given to you. You are this customer's account owner."


@pytest.mark.parametrize("rule", explaining.BY_OWNER)
def test_no_rule_says_that_an_account_owner_has_helped(sales: Queue, ana: Agent, rule: int) -> None:
    waits = cast.waiting(sales, rule=rule)
    waits.routing_plan = {**(waits.routing_plan or {}), "by_owner": True}
    assert "account owner" in explaining.sentence(waits, ana)


def test_languages_are_called_as_the_reader_calls_them(sales: Queue, ana: Agent) -> None:
    steps = [{"target": f"queue:{sales.pk}", "for": 45, "needs": ["language:de"]}]
    waits = cast.waiting(sales, routing_plan={"rule": 13, "steps": steps})
    with override("es"):
        found = explaining.why(waits, ana, leads=True)
    assert found is not None and found.steps[0].words == "Sales: quien hable Alemán"


def test_a_supervisor_reads_every_step(sales: Queue, ana: Agent) -> None:
    chloe = factories.agent("Chloe Martin", supervises=(sales,))
    waits = cast.waiting(sales, ana, cast.queue("gold"), plan_step=1)
    found = explaining.why(waits, chloe, leads=True)
    assert found is not None
    assert found.words == "Ana Sousa helped this customer last and was there."
    assert [(step.words, step.lasts, step.state) for step in found.steps] == [
        ("Ana Sousa", "1 min", "past"),
        ("Gold", "1 min", "present"),
        ("Sales", "until somebody takes it", "ahead"),
    ]


def test_wishes_and_waiting_are_said(sales: Queue, ana: Agent) -> None:
    steps = [
        {"target": f"agent:{ana.pk}", "for": 120, "waits": True},
        {"target": f"queue:{sales.pk}", "for": 45, "needs": ["language:es"]},
    ]
    waits = cast.waiting(sales, routing_plan={"rule": 13, "steps": steps}, skill="big-chairs")
    found = explaining.why(waits, ana, leads=True)
    needs = "Chosen for what the customer needs: big chairs. Only somebody with the skill big chairs is given it."
    assert found is not None and found.words == needs
    assert [step.words for step in found.steps] == ["Ana Sousa, once there is room", "Sales: who speaks Spanish"]
    assert found.steps[1].lasts == "45 s"


def test_a_skill_that_a_colleague_waived_is_said(sales: Queue, ana: Agent) -> None:
    plan = {"rule": 6, "steps": [{"target": f"queue:{sales.pk}", "for": None}], "waives": True}
    found = explaining.why(cast.waiting(sales, routing_plan=plan, skill="billing"), ana, leads=False)
    assert found is not None and "Nobody in the chosen queue has the skill billing" in found.words


def test_what_the_bot_has_needs_no_reason(sales: Queue, ana: Agent) -> None:
    waits = cast.waiting(sales)
    factories.give(waits, None)
    waits.refresh_from_db()
    assert explaining.why(waits, ana, leads=False) is None


@pytest.mark.parametrize("rule", sorted(explaining.RULES))
def test_every_rule_has_words(sales: Queue, ana: Agent, rule: int) -> None:
    waits = cast.waiting(sales, rule=rule)
    found = explaining.why(waits, ana, leads=False)
    assert found is not None and "{" not in found.words


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (5, "Closed a short while ago, and the customer wrote again. Ana Sousa declined it"),
        (10, "Ana Sousa declined it"),
        (12, "The queue that helped this customer last is closed or empty; the next one is asked. Ana Sousa declined"),
    ],
)
def test_where_the_one_who_helped_last_declined_nobody_is_told_that_they_come_first(
    sales: Queue, ana: Agent, rule: int, said: str
) -> None:
    plan = {"rule": rule, "steps": [{"target": f"queue:{sales.pk}", "for": None}], "declined": f"agent:{ana.pk}"}
    words = explaining.sentence(cast.waiting(sales, routing_plan=plan), ana)
    assert words.startswith(said) and "come first" not in words
