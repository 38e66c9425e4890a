"""Thanks after the end: kept, and nothing starts over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conversations.courtesy import is_thanks
from conversations.models import Conversation, JourneyRun, Message
from handover import desk
from handover.models import Agent, Queue
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person, ana: Agent) -> Endpoint:
    """Ana has helped Maya in the middle of an order, and closed."""
    phone = maya.on_whatsapp()
    phone.says("hi")
    desk.claim(conversation_id=maya.conversation.pk, agent=ana)
    desk.close(conversation_id=maya.conversation.pk, agent=ana)
    phone.news()
    return phone


@pytest.mark.parametrize("text", ["Thanks!", "thank you so much", "ok, gracias", "Vielen Dank… danke", "🙏", "👍👍"])
def test_what_is_only_thanks(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize("text", ["no thanks, another chair", "ok", "hi", "?", "1", "", "thanks for your help you all"])
def test_what_is_more_or_none(text: str) -> None:
    assert not is_thanks(text)


@pytest.mark.scenario("HO-70")
def test_thanks_after_closing_starts_nothing_and_is_kept(maya: Person, phone: Endpoint) -> None:
    runs = list(JourneyRun.objects.values_list("pk", "status", "seq"))
    assert phone.says("Thank you!") == ["You are welcome."]
    assert phone.says("🙏") == []
    assert list(JourneyRun.objects.values_list("pk", "status", "seq")) == runs
    assert Conversation.objects.order_by("pk").first().state == "closed"  # type: ignore[union-attr]  # there is one
    assert Message.objects.filter(session__conversation=maya.conversation, author="customer").count() == 2


@pytest.mark.scenario("HO-70")
def test_more_than_thanks_goes_on_as_ever(phone: Endpoint) -> None:
    phone.says("thanks")
    assert phone.says("menu")
    assert words(phone.says("thanks"))


def test_thanks_a_day_later_or_without_a_close_is_a_beginning(maya: Person, phone: Endpoint, later: Later) -> None:
    later(hours=25)
    assert "You are welcome." not in words(phone.says("thanks"))
    assert "You are welcome." not in words(cast.tom().says("thanks"))
