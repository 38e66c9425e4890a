"""Does what happened read as words, and never as the keys that machines use?"""

from __future__ import annotations

import pytest
from django.utils.translation import override

from conversations.models import Conversation, ConversationEvent
from conversations.recall import Recall
from handover import cards as written
from handover.inbox import cards, lines
from handover.inbox.owners import Owner

ANA = Owner("agent", "agent:ana", "Ana Sousa")


def said(kind: str, data: dict[str, object], owner: Owner | None = None, actor: str = "") -> str:
    return lines.sentence(ConversationEvent(kind=kind, data=data), owner, actor)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("tagged", {"added": ["late-delivery", "refund"]}, "Topics: Late delivery, Refund"),
        ("tagged", {"added": ["refund"], "removed": ["advice"]}, "Topics: Refund · No longer about: Advice"),
        ("wrapped_up", {"disposition": "passed-on"}, "Outcome: Passed on"),
    ],
)
def test_topics_and_outcomes_are_words(kind: str, data: dict[str, object], words: str) -> None:
    assert said(kind, data) == words


def test_who_is_parked_for_silence_was_taken_over_by_nobody() -> None:
    data = {"cause": "customer_inactive", "state": Conversation.State.PARKED}
    assert said("owner_changed", data, ANA) == "Parked: the customer has fallen silent"
    queue = Owner("queue", "queue:sales", "Sales")
    unanswered = said("owner_changed", {"cause": "unanswered", "state": "open"}, queue)
    assert unanswered == "Waiting in Sales (the agent did not answer in time)"


def test_the_details_of_a_line_are_in_the_readers_language() -> None:
    event = ConversationEvent(kind="owner_changed", data={"cause": "handover", "queue": "sales"})
    assert lines.details(event) == [("Why", "after the pre-chat questions"), ("Queue", "sales")]
    with override("es"):
        assert [title for title, _ in lines.details(event)] == ["Por qué", "Cola"]


def test_a_card_names_the_channel_and_how_sure_we_are_in_words() -> None:
    stored = {"channel": "shop-line-2", "channel_kind": "telegram", "proof": "attested", "referrer": "order_chair"}
    facts = dict(cards.read({**stored, "context": {"channels": ["whatsapp", "email"]}}).facts)
    assert (facts["Channel"], facts["Came from"]) == ("Telegram", "Order chair")
    assert facts["Proof"] == "Writes from an address that the channel vouches for"
    known = dict(cards.read({"context": {"channels": ["whatsapp", "email"]}}).known)
    assert known["Channels"] == "WhatsApp, E-mail"


@pytest.mark.parametrize(
    ("language", "words"), [("es_MX", "Hola, Inés."), ("de", "Hallo, Inés."), ("fr", "Hello, Inés.")]
)
def test_the_greeting_is_in_the_customers_language(language: str, words: str) -> None:
    assert written.greeting(Recall(name="Inés Vega", language=language)).startswith(words)
