"""What becomes of words that were begun and not sent? Kept per agent, the newest first, gone with the reply."""

from __future__ import annotations

import pytest

from conversations.models import Conversation
from handover import drafts
from handover.models import Agent, Draft
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Agent:
    return make.agent("Ana Sousa", queues=(make.queue("sales"),))


@pytest.fixture
def waiting(ana: Agent) -> Conversation:
    return make.waiting_in(ana.queues.get())


def keep(conversation: Conversation, agent: Agent, text: str, kind: str = "reply") -> int:
    return drafts.keep(conversation=conversation, agent=agent, kind=kind, text=text)


def test_the_newest_words_win_whichever_window_wrote_them(ana: Agent, waiting: Conversation) -> None:
    assert [keep(waiting, ana, text) for text in ("Hel", "Hello", "Good")] == [1, 2, 3]
    assert drafts.of(waiting, ana)["reply"].text == "Good"
    assert Draft.objects.count() == 1


def test_a_reply_and_a_note_are_two_drafts(ana: Agent, waiting: Conversation) -> None:
    keep(waiting, ana, "Hello")
    keep(waiting, ana, "He is angry", "note")
    assert {kind: one.text for kind, one in drafts.of(waiting, ana).items()} == {
        "reply": "Hello",
        "note": "He is angry",
    }


def test_no_words_are_no_draft(ana: Agent, waiting: Conversation) -> None:
    keep(waiting, ana, "Hello")
    assert keep(waiting, ana, "  \n") == 0
    assert not Draft.objects.exists()


def test_what_another_window_wrote_since_is_not_wiped(ana: Agent, waiting: Conversation) -> None:
    known = keep(waiting, ana, "Hello")
    keep(waiting, ana, "Hello Maya, one more thing")
    drafts.drop(conversation=waiting, agent=ana, kind="reply", revision=known)
    assert drafts.of(waiting, ana)["reply"].text == "Hello Maya, one more thing"


def test_a_draft_is_sealed_in_the_database(ana: Agent, waiting: Conversation) -> None:
    keep(waiting, ana, "My secret words")
    assert "secret" not in str(Draft.objects.values_list("text", flat=True)[0].stored)


def test_a_badge_is_shown_only_where_the_agent_may_look(ana: Agent, waiting: Conversation) -> None:
    keep(waiting, ana, "Hello")
    assert drafts.begun(ana) == {waiting.public_id}
    ana.memberships.all().delete()
    assert drafts.begun(ana) == set()
