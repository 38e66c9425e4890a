"""How was it? Asked once, heard where it was asked, shown on the conversation that it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest

from common import clock
from conversations import timers
from conversations.content import Text
from conversations.models import Conversation, ConversationEvent, Timer
from conversations.sessions import Place
from handover import bulk, desk
from handover.models import Agent, BulkAction, Queue, Rating
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = pytest.mark.django_db
Later = Callable[..., None]
ASKED = "How did we do? Choose from 1 to 5."


@pytest.fixture
def sales(sales: Queue) -> Queue:
    sales.asks_rating = True
    sales.save(update_fields=["asks_rating"])
    return sales


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def closes(person: Person, endpoint: Endpoint, agent: Agent, queue: Queue, *, reason: str = "resolved") -> Conversation:
    """The agent took it from the queue, answers and closes it; half a minute passes."""
    endpoint.says("hi")
    conversation = person.conversation
    Conversation.objects.filter(pk=conversation.pk).update(queue_id=queue.pk)
    answers_and_closes(conversation, agent, reason=reason)
    half_a_minute_passes()
    return conversation


def answers_and_closes(conversation: Conversation, agent: Agent, *, reason: str = "resolved") -> None:
    desk.claim(conversation_id=conversation.pk, agent=agent)
    desk.reply(conversation_id=conversation.pk, agent=agent, content=Text("Here you are."), client_id=str(uuid4()))
    desk.close(conversation_id=conversation.pk, agent=agent, reason=reason)


def half_a_minute_passes() -> None:
    Timer.objects.filter(kind="rating").update(due_at=clock.now())
    timers.sweep()


def test_a_tap_is_noted_and_thanked_for(maya: Person, phone: Endpoint, ana: Agent, sales: Queue) -> None:
    conversation = closes(maya, phone, ana, sales)
    assert phone.news()[-1].startswith(ASKED)
    assert phone.taps("Good") == ["Thank you. If you like, add a word about it."]
    rating = Rating.objects.get()
    assert (rating.score, rating.agent, rating.queue, rating.conversation) == (4, ana, sales, conversation)
    assert ConversationEvent.objects.get(kind="rated").conversation == conversation


def test_what_was_taken_straight_from_the_bot_is_asked_about_as_well(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue
) -> None:
    phone.says("hi")
    assert maya.conversation.queue_id is None
    answers_and_closes(maya.conversation, ana)
    half_a_minute_passes()
    assert phone.news()[-1].startswith(ASKED)
    assert (Rating.objects.get().agent, Rating.objects.get().queue) == (ana, sales)


def test_what_nobody_of_ours_has_had_is_not_asked_about(maya: Person, phone: Endpoint, sales: Queue) -> None:
    admin = factories.agent("Ada Byron")
    admin.user.is_superuser = True
    admin.user.save(update_fields=["is_superuser"])
    phone.says("hi")
    desk.close(conversation_id=maya.conversation.pk, agent=admin)
    assert not Timer.objects.filter(kind="rating").exists() and not Rating.objects.exists()


@pytest.mark.parametrize(("text", "score"), [("5", 5), ("1/5", 1), ("⭐⭐⭐", 3), ("very good", 5), ("★", 1)])
def test_a_number_stars_or_the_word_will_do(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, text: str, score: int
) -> None:
    closes(maya, phone, ana, sales)
    phone.says(text)
    assert Rating.objects.get().score == score


def test_the_word_after_it_is_kept_and_opens_nothing(maya: Person, phone: Endpoint, ana: Agent, sales: Queue) -> None:
    closes(maya, phone, ana, sales)
    phone.says("3")
    assert phone.says("It took too long") == ["Thank you, I have passed that on."]
    assert Rating.objects.get().comment == "It took too long"
    assert maya.conversation.owner_kind == "bot"


@pytest.mark.parametrize(
    ("is_there", "told"), [(True, "I am passing you to our team."), (False, "Your message is with")]
)
def test_who_was_not_content_and_says_why_is_heard_by_people(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, is_there: bool, told: str
) -> None:
    rated = closes(maya, phone, ana, sales)
    phone.says("1")
    Agent.objects.update(manual_status="online" if is_there else "offline")
    (said,) = phone.says("Nobody helped me, my order is missing")
    assert said.startswith(told)
    assert Rating.objects.get().comment == "Nobody helped me, my order is missing"
    here = maya.conversation
    assert (here.owner_kind in ("queue", "agent"), here.queue_id, here.pk == rated.pk) == (True, sales.pk, False)
    assert here.notes.get(kind="card").card["reason"] == "rating"


def test_with_no_queue_left_the_word_is_passed_on(maya: Person, phone: Endpoint, ana: Agent, sales: Queue) -> None:
    closes(maya, phone, ana, sales)
    phone.says("1")
    Queue.objects.update(is_archived=True, is_default=False)
    assert phone.says("It took too long") == ["Thank you, I have passed that on."]


def mail_of(person: Person) -> Endpoint:
    letters = factories.identity(person.customer, "email", "maya@example.com")
    return Endpoint(Place(letters, "email-demo", "email", (letters.pk,), "attested"))


SIGNED = [
    "5\n\nSent from my iPhone",
    "5\n-- \nMaria\nwe make chairs, and good ones",
    "5\n\nBest regards,",
    "5\n\nMit freundlichen Grüßen\nMaría de la Cruz\nNordic Chairs AB\n+46 70 123 45 67",
    "5\n\nUn saludo,\nMaría\n\nEnviado desde mi iPhone",
]


@pytest.mark.parametrize("text", SIGNED)
def test_a_mail_may_be_signed(maya: Person, ana: Agent, sales: Queue, text: str) -> None:
    mail = mail_of(maya)
    conversation = closes(maya, mail, ana, sales)
    mail.says(text)
    conversation.refresh_from_db()
    assert (Rating.objects.get().score, conversation.state) == (5, "closed")


@pytest.mark.parametrize(
    "text", ["5\nbut my order is missing", "2\n\nThanks,\nbut my order is missing", "5\nchairs more"]
)
def test_what_says_more_than_a_number_is_read_by_people(maya: Person, ana: Agent, sales: Queue, text: str) -> None:
    mail = mail_of(maya)
    conversation = closes(maya, mail, ana, sales)
    mail.says(text)
    assert Rating.objects.get().score is None
    assert maya.conversation == conversation


def test_another_wish_after_the_score_is_no_comment(maya: Person, phone: Endpoint, ana: Agent, sales: Queue) -> None:
    closes(maya, phone, ana, sales)
    phone.says("2")
    assert "Thank you, I have" not in phone.says("agent")[-1]
    assert Rating.objects.get().comment == ""


@pytest.mark.parametrize("text", ["6", "0", "55", "-1", "12", "I need another chair", "⭐⭐⭐⭐⭐⭐"])
def test_anything_else_is_a_word_like_any_other(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, text: str
) -> None:
    closes(maya, phone, ana, sales)
    phone.says(text)
    assert Rating.objects.get().score is None


def test_after_a_day_a_number_is_a_number(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, later: Later
) -> None:
    closes(maya, phone, ana, sales)
    later(hours=25)
    phone.says("5")
    assert Rating.objects.get().score is None


def test_nobody_answers_for_somebody_else(maya: Person, phone: Endpoint, ana: Agent, sales: Queue) -> None:
    closes(maya, phone, ana, sales)
    payload = f"rate:{Rating.objects.get().public_id}:1"
    cast.tom().says("Very bad", payload=payload)
    assert Rating.objects.get().score is None


@pytest.mark.parametrize("payload", ["rate:", "rate:x:5", "rate:00000000-0000-0000-0000-000000000000:5"])
def test_a_made_up_tap_changes_nothing(maya: Person, phone: Endpoint, ana: Agent, sales: Queue, payload: str) -> None:
    closes(maya, phone, ana, sales)
    phone.says("x", payload=payload)
    assert Rating.objects.get().score is None


@pytest.mark.parametrize(("asks", "reason"), [(False, "resolved"), (True, "spam")])
def test_not_every_end_is_asked_about(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue, asks: bool, reason: str
) -> None:
    Queue.objects.update(asks_rating=asks)
    closes(maya, phone, ana, sales, reason=reason)
    assert not Rating.objects.exists()
    assert not phone.news()[-1].startswith(ASKED)


def test_the_question_is_in_the_customers_language(maya: Person, phone: Endpoint, ana: Agent, sales: Queue) -> None:
    factories.attribute(maya.customer, "language", "es")
    closes(maya, phone, ana, sales)
    assert phone.news()[-1].startswith("¿Qué tal lo hemos hecho?")
    phone.says("muy bien")
    assert Rating.objects.get().score == 5


def test_a_journey_says_its_goodbye_and_then_we_ask(maya: Person, phone: Endpoint, ana: Agent, sales: Queue) -> None:
    for said in ("hi", "2", "agent", "Maya", "Delivery"):
        phone.says(said)
    phone.news()
    answers_and_closes(maya.conversation, ana)
    half_a_minute_passes()
    _, goodbye, question = phone.news()
    assert goodbye.startswith("I am back.") and question.startswith(ASKED)
    phone.taps("Very good")
    assert Rating.objects.get().score == 5


def test_it_is_asked_only_when_the_close_cannot_be_taken_back_any_more(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue
) -> None:
    phone.says("hi")
    conversation = maya.conversation
    answers_and_closes(conversation, ana)
    phone.news()
    timers.sweep()
    assert phone.news() == [] and not Rating.objects.exists()
    desk.reopen(conversation_id=conversation.pk, agent=ana)
    half_a_minute_passes()
    assert phone.news() == [] and not Rating.objects.exists()


def test_many_that_were_closed_by_mistake_are_asked_nothing(maya: Person, phone: Endpoint, ana: Agent) -> None:
    phone.says("hi")
    conversation = maya.conversation
    desk.claim(conversation_id=conversation.pk, agent=ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Hello"), client_id=str(uuid4()))
    bulk.undo(action=bulk.start(agent=ana, verb="close", options={}, ids=[conversation.public_id]), agent=ana)
    phone.news()
    half_a_minute_passes()
    assert phone.news() == [] and maya.conversation.owner_id == ana.pk


def test_one_of_many_is_asked_about_once_all_are_done_and_nobody_can_take_them_back(
    maya: Person, phone: Endpoint, ana: Agent
) -> None:
    phone.says("hi")
    conversation = maya.conversation
    desk.claim(conversation_id=conversation.pk, agent=ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Hello"), client_id=str(uuid4()))
    bulk.start(agent=ana, verb="close", options={}, ids=[conversation.public_id])
    for status, ago, asked in (("pending", 60, 0), ("done", 10, 0), ("done", 31, 1)):
        BulkAction.objects.update(status=status, done_at=clock.now() - timedelta(seconds=ago))
        half_a_minute_passes()
        assert Rating.objects.count() == asked


def test_where_no_agent_has_answered_nobody_is_asked(maya: Person, phone: Endpoint, ana: Agent, sales: Queue) -> None:
    phone.says("hi")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    half_a_minute_passes()
    assert not Rating.objects.exists()


def test_who_says_thanks_meanwhile_is_asked_there_and_who_has_a_new_wish_is_not(
    maya: Person, phone: Endpoint, ana: Agent, sales: Queue
) -> None:
    phone.says("hi")
    conversation = maya.conversation
    answers_and_closes(conversation, ana)
    phone.says("thanks!")
    half_a_minute_passes()
    assert phone.news()[-1].startswith(ASKED)
    assert phone.says("5") == ["Thank you. If you like, add a word about it."]
    assert Rating.objects.get().conversation == conversation
    Rating.objects.all().delete()
    answers_and_closes(maya.conversation, ana)
    phone.says("menu")
    half_a_minute_passes()
    assert not Rating.objects.exists()
