"""An agent takes over while the language model thinks: the reply is discarded, on real Postgres, with real threads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from conversations.models import ConversationEvent, Message, Question
from handover import answered, desk
from handover.models import Agent
from tests.handover.at_once import at_once
from tests.stories import cast, models
from tests.stories.cast import Endpoint, Person
from tests.stories.models import Model

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "does a bundle walk"


@pytest.fixture
def ana(transactional_db: None) -> Agent:
    queue = cast.sales()
    cast.library()
    models.knows("bundles", "Every bundle", models.SHIPPING)
    models.knows("walks", "Every walk", "It is good for the back.")
    return cast.ana(queue)


@pytest.fixture
def maya(ana: Agent) -> Person:
    person = cast.maya()
    models.agrees(person.phone)
    return person


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.fixture
def model(settings: Settings) -> Iterator[Model]:
    with models.running() as model:
        settings.LLM_URL, settings.LLM_MODEL, settings.LLM_TIMEOUT = model.url, "demo", 5
        yield model


def bot_after_takeover(conversation_id: int) -> int:
    """Words of the bot that were said after an agent owned the conversation."""
    told = ConversationEvent.objects.filter(conversation_id=conversation_id)
    taken = told.filter(kind="owner_changed", data__to__kind="agent").order_by("seq").first()
    assert taken is not None
    return told.filter(kind="message", actor_kind="bot", seq__gt=taken.seq).count()


@pytest.mark.scenario("J-54")
@pytest.mark.scenario("HO-21")
def test_an_agent_who_takes_over_during_the_call_is_not_talked_over(
    maya: Person, phone: Endpoint, ana: Agent, model: Model
) -> None:
    def take_over() -> None:
        try:
            desk.claim(conversation_id=maya.conversation.pk, agent=ana)
        finally:
            connection.close()

    phone.says(ASKED)
    model.meanwhile = take_over
    assert answered.serve()
    row = Question.objects.get()
    assert (row.state, row.outcome, row.calls) == ("discarded", "taken_over", 1)
    assert row.tokens_out
    assert not Message.objects.filter(author="bot").exists()


@pytest.mark.scenario("J-54")
def test_a_reply_and_a_takeover_at_once_never_leave_a_word_after_it(
    maya: Person, phone: Endpoint, ana: Agent, model: Model
) -> None:
    phone.says(ASKED)
    conversation = maya.conversation
    at_once([answered.serve, lambda: desk.claim(conversation_id=conversation.pk, agent=ana)])
    assert bot_after_takeover(conversation.pk) == 0
    assert Question.objects.get().state in ("applied", "discarded")


def test_of_two_workers_one_asks(phone: Endpoint, model: Model) -> None:
    phone.says(ASKED)
    assert sorted(map(bool, at_once([answered.serve, answered.serve]))) == [False, True]
    assert len(model.asked) == 1 and len(phone.news()) == 1


def test_a_question_that_keeps_failing_is_given_up_and_the_next_rule_answers(phone: Endpoint, model: Model) -> None:
    phone.says(ASKED)
    Question.objects.update(attempts=2)
    assert answered.serve()
    row = Question.objects.get()
    assert (row.state, row.outcome, model.asked) == ("fell_back", "failed", [])
    assert len(phone.news()) == 1
