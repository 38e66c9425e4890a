"""Which ready words does an agent have, and what do their places say? Never what the agent may not see."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import Conversation
from customers import definitions
from customers.models import AttributeDefinition
from handover import canned, ready
from handover.models import Agent, CannedReply, Queue
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def waiting(sales: Queue) -> Conversation:
    return make.waiting_in(sales, name="Maya Lindqvist")


def words(shortcut: str, text: str = "Hello", **fields: object) -> CannedReply:
    return CannedReply.objects.create(shortcut=shortcut, title=shortcut, text=text, **fields)


def found(conversation: Conversation, agent: Agent, typed: str = "") -> list[str]:
    return [one.row.shortcut for one in canned.find(conversation=conversation, agent=agent, typed=typed)]


def filled(conversation: Conversation, agent: Agent, text: str) -> str:
    return ready.fill(text, ready.scope(conversation, agent)).text


def test_an_agent_has_their_own_their_queues_and_everybodys(ana: Agent, sales: Queue, waiting: Conversation) -> None:
    other = make.agent("Ben Okafor", queues=(sales,))
    words("all")
    words("sales", queue=sales)
    words("mine", owner=ana)
    words("bens", owner=other)
    words("support", queue=make.queue("support"))
    assert found(waiting, ana) == ["mine", "sales", "all"]


def test_what_is_typed_finds_the_shortcut_before_the_text(ana: Agent, waiting: Conversation) -> None:
    words("about-delivery", "hello")
    words("hello", "Good morning")
    words("hello-again", "Good morning")
    assert found(waiting, ana, "hello") == ["hello", "hello-again", "about-delivery"]
    assert found(waiting, ana, "hello zebra") == []


def test_the_customers_language_comes_first(ana: Agent, waiting: Conversation) -> None:
    for language in ("", "en", "es"):
        words("bye", f"bye {language}", language=language)
    make.attribute(waiting.customer, "language", "es")
    texts = [one.text for one in canned.find(conversation=waiting, agent=ana, typed="bye")]
    assert texts == ["bye es", "bye ", "bye en"]


def test_places_are_filled_in(ana: Agent, waiting: Conversation) -> None:
    text = "Hello {{customer.first_name}}, {{ agent.name }} from {{conversation.queue}}"
    assert filled(waiting, ana, text) == "Hello Maya, Ana Sousa from Sales"


def test_a_place_without_a_value_is_named(ana: Agent, waiting: Conversation) -> None:
    words("city", "In {{customer.city}} and {{customer.shop|default('our shop')}}")
    [one] = canned.find(conversation=waiting, agent=ana)
    assert (one.text, one.missing) == ("In  and our shop", ("customer.city",))


@pytest.mark.scenario("T-38")
@pytest.mark.parametrize(
    "text",
    [
        "{{settings.SECRET_KEY}}",
        "{% include 'x' %}",
        "{{customer.__class__}}",
        "{{agent.user.password}}",
        "{{ 7|add:7 }}",
    ],
)
def test_no_place_reads_what_is_not_said(ana: Agent, waiting: Conversation, text: str) -> None:
    assert filled(waiting, ana, text) in ("", "{% include 'x' %}")


@pytest.mark.scenario("T-38")
def test_a_customer_who_is_called_like_a_place_is_not_filled_in_again(ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales, name="{{agent.name}}")
    assert filled(conversation, ana, "Dear {{customer.name}}") == "Dear {{agent.name}}"


def test_a_masked_value_fills_nothing(ana: Agent, waiting: Conversation) -> None:
    AttributeDefinition.objects.create(key="iban", label="IBAN", type="text", is_personal=True)
    definitions.forget()
    make.attribute(waiting.customer, "iban", "SE3550000000054910000003")
    assert filled(waiting, ana, "Your account {{customer.iban}}") == "Your account "


def test_who_may_change_which_words(ana: Agent, sales: Queue) -> None:
    chloe = make.agent("Chloe Martin", supervises=(sales,))
    for agent, own, queue, everybody in ((ana, True, False, False), (chloe, True, True, False)):
        assert ready.may_change(agent, owner_id=agent.pk, queue_id=None) is own
        assert ready.may_change(agent, owner_id=None, queue_id=sales.pk) is queue
        assert ready.may_change(agent, owner_id=None, queue_id=None) is everybody
    assert not ready.may_change(chloe, owner_id=ana.pk, queue_id=None)


def test_only_what_is_shown_is_read_however_many_there_are(ana: Agent, waiting: Conversation) -> None:
    rows = [CannedReply(shortcut=f"s{n:03}", title="T", text="Hello", owner=ana) for n in range(200)]
    CannedReply.objects.bulk_create(rows)
    with CaptureQueriesContext(connection) as asked:
        assert found(waiting, ana)[:2] == ["s000", "s001"]
    (listed,) = [one["sql"] for one in asked if 'FROM "handover_cannedreply"' in one["sql"]]
    assert "LIMIT 30" in listed
