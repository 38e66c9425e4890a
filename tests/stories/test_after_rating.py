"""Who has answered how it was, and has more to say? A question reaches the people of last time; a remark is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common import clock
from conversations import expiry, timers
from conversations.content import Text
from conversations.models import Conversation, Timer
from handover import desk, listing
from handover.filters import Filter
from handover.models import Agent, Queue, Rating
from tests.stories import cast
from tests.stories.cast import Endpoint, Person

pytestmark = [pytest.mark.django_db]
MORE = "One more question: can I pay on delivery?"


@pytest.fixture
def maya(sales: Queue) -> Person:
    Queue.objects.update(asks_rating=True)
    return cast.maya()


@pytest.fixture
def phone(maya: Person, ana: Agent, sales: Queue) -> Endpoint:
    """Ana has answered Maya and closed; Maya was asked how it was."""
    phone = maya.on_whatsapp()
    phone.says("hi")
    pk = maya.conversation.pk
    Conversation.objects.filter(pk=pk).update(queue_id=sales.pk)
    desk.reply(conversation_id=pk, agent=ana, content=Text("On Monday."), client_id="1")
    desk.close(conversation_id=pk, agent=ana)
    Timer.objects.filter(kind="rating").update(due_at=clock.now())
    timers.sweep()
    assert phone.news()[-1].startswith("How did we do?")
    return phone


@pytest.fixture
def closed(phone: Endpoint, maya: Person) -> Conversation:
    return maya.conversations[0]


def assert_ana_has(closed: Conversation, ana: Agent) -> None:
    closed.refresh_from_db()
    assert (closed.state, closed.owner_kind, closed.owner_id) == ("open", "agent", ana.pk)


@pytest.mark.parametrize("is_tap", [True, False])
@pytest.mark.parametrize("word", ["", "Quick and friendly"])
def test_who_has_rated_meets_the_same_agent(
    maya: Person, phone: Endpoint, closed: Conversation, ana: Agent, is_tap: bool, word: str
) -> None:
    assert phone.taps("Very good") if is_tap else phone.says("5")
    if word:
        assert phone.says(word) == ["Thank you, I have passed that on."]
    assert phone.says(MORE) == []
    assert_ana_has(closed, ana)
    assert (Rating.objects.get().score, Rating.objects.get().comment) == (5, word)
    assert [one.close_reason for one in maya.conversations] == ["", "joined"]


@pytest.mark.parametrize("text", ["can I pay on delivery", "¿Puedo pagar al recibirlo?", "Wann kommt der Stuhl"])
def test_a_question_is_no_remark_in_any_language(phone: Endpoint, closed: Conversation, ana: Agent, text: str) -> None:
    phone.says("5")
    phone.says(text)
    assert_ana_has(closed, ana)
    assert Rating.objects.get().comment == ""


@pytest.mark.parametrize("text", ["It took too long", "Candid and warm", "menu", "thanks"])
def test_what_asks_nothing_opens_nothing(phone: Endpoint, closed: Conversation, text: str) -> None:
    phone.says("5")
    phone.says(text)
    closed.refresh_from_db()
    assert closed.state == "closed"


def test_who_goes_on_with_the_bot_after_the_score_stays_there(
    maya: Person, phone: Endpoint, closed: Conversation
) -> None:
    phone.says("5")
    phone.says("menu")
    phone.says(MORE)
    assert maya.conversation.pk != closed.pk


WITH_WORDS = [
    ("5 - lovely", 5, "lovely"),
    ("5, thank you", 5, "thank you"),
    ("I give it a 4: quick", 4, "quick"),
    ("Le doy un 4, muy amables", 4, "muy amables"),
    ("⭐⭐⭐⭐ lovely", 4, "lovely"),
]


@pytest.mark.parametrize(("text", "score", "words"), WITH_WORDS)
def test_words_beside_the_score_are_its_comment_and_open_nothing(
    maya: Person, phone: Endpoint, closed: Conversation, text: str, score: int, words: str
) -> None:
    assert phone.says(text) == ["Thank you, I have passed that on."]
    closed.refresh_from_db()
    assert (Rating.objects.get().score, Rating.objects.get().comment) == (score, words)
    assert (closed.state, maya.conversation.owner_kind) == ("closed", "bot")


def test_a_bad_score_with_its_reason_in_one_message_is_heard_by_people(
    maya: Person, phone: Endpoint, closed: Conversation, sales: Queue
) -> None:
    (said,) = phone.says("1 - nobody helped me")
    assert said.startswith("I am passing you to our team.")
    assert (Rating.objects.get().score, Rating.objects.get().comment) == (1, "nobody helped me")
    assert maya.conversation.queue_id == sales.pk and maya.conversation.pk != closed.pk


@pytest.mark.parametrize("text", ["2 chairs", "5, but my order is missing", "5 pm", "5 - agent", "I have 3 questions"])
def test_a_number_that_is_no_score_is_a_word_to_us(
    phone: Endpoint, closed: Conversation, ana: Agent, text: str
) -> None:
    phone.says(text)
    assert_ana_has(closed, ana)
    assert Rating.objects.get().score is None


def test_once_something_else_was_said_there_a_number_with_words_is_no_score(phone: Endpoint) -> None:
    phone.says("menu")
    phone.says("5 - lovely")
    assert Rating.objects.get().score is None


def test_words_elsewhere_are_no_remark(maya: Person, phone: Endpoint, closed: Conversation, ana: Agent) -> None:
    phone.says("5")
    maya.on_web().says("My chair wobbles")
    assert_ana_has(closed, ana)
    assert Rating.objects.get().comment == ""


def test_what_was_only_rated_is_no_row_of_its_own(
    maya: Person, phone: Endpoint, closed: Conversation, ana: Agent, later: Callable[..., None]
) -> None:
    phone.says("5")
    later(hours=25)
    expiry.sweep()
    rows = listing.of(ana, Filter(state="closed"), seen=Conversation.objects.all())
    assert [one.state for one in maya.conversations] == ["closed", "closed"]
    assert [one.pk for one in rows] == [closed.pk]


def test_what_went_on_with_the_bot_is_one(
    maya: Person, phone: Endpoint, closed: Conversation, ana: Agent, later: Callable[..., None]
) -> None:
    phone.says("5")
    phone.says("menu")
    later(hours=25)
    expiry.sweep()
    rows = listing.of(ana, Filter(state="closed"), seen=Conversation.objects.all())
    assert rows.count() == 2
