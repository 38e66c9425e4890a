"""Whom does a note name? Colleagues who may see it, once each, and nobody by accident."""

from __future__ import annotations

import pytest

from conversations.models import Conversation
from handover import desk, mentions
from handover.models import Agent, Mention, Queue
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def ben(sales: Queue) -> Agent:
    return make.agent("Ben Okafor", queues=(sales,))


@pytest.fixture
def waiting(sales: Queue) -> Conversation:
    return make.waiting_in(sales)


def note(conversation: Conversation, agent: Agent, text: str, client_id: str = "") -> list[str]:
    """Who is named after this note, in all."""
    desk.note(conversation_id=conversation.pk, agent=agent, text=text, client_id=client_id)
    return list(Mention.objects.order_by("agent__name").values_list("agent__name", flat=True))


def test_a_note_names_by_name_or_login(ana: Agent, ben: Agent, waiting: Conversation) -> None:
    assert note(waiting, ana, "@Ben Okafor please look, or @BEN again") == ["Ben Okafor"]
    assert mentions.unseen(ben) == 1


def test_the_longer_name_is_meant(ana: Agent, ben: Agent, sales: Queue, waiting: Conversation) -> None:
    Agent.objects.filter(pk=make.agent("Junior", queues=(sales,)).pk).update(name="Ben Okafor Junior")
    assert note(waiting, ana, "@Ben Okafor Junior knows") == ["Ben Okafor Junior"]


@pytest.mark.parametrize("text", ["ben@example.com wrote", "@Benjamin", "@ Ben Okafor", "Ben Okafor"])
def test_what_only_looks_like_a_name_names_nobody(ana: Agent, ben: Agent, waiting: Conversation, text: str) -> None:
    assert note(waiting, ana, text) == []


def test_nobody_is_named_who_may_not_see_it(ana: Agent, waiting: Conversation) -> None:
    make.agent("Dora Lind", queues=(make.queue("support"),))
    assert note(waiting, ana, "@Dora Lind can you help?") == []


def test_nobody_names_themselves(ana: Agent, waiting: Conversation) -> None:
    assert note(waiting, ana, "@Ana Sousa: remember") == []


def test_the_same_note_again_names_nobody_twice(ana: Agent, ben: Agent, waiting: Conversation) -> None:
    for _ in range(2):
        assert note(waiting, ana, "@ben", client_id="one") == ["Ben Okafor"]


def test_who_has_looked_is_not_called_again(ana: Agent, ben: Agent, waiting: Conversation) -> None:
    note(waiting, ana, "@ben")
    assert mentions.seen(conversation=waiting, agent=ben) == 1
    assert (mentions.seen(conversation=waiting, agent=ben), mentions.unseen(ben)) == (0, 0)


def test_a_lost_right_ends_the_call(ana: Agent, ben: Agent, waiting: Conversation) -> None:
    note(waiting, ana, "@ben")
    ben.memberships.all().delete()
    assert mentions.unseen(ben) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Chloe Martin", "@Chloe Martİn please"),
        ("Ali", "@ALİ"),
        ("Ali", "@alı, look"),
        ("Jörg Groß", "@Jörg Groß knows"),
        ("Jörg Groß", "ask @JÖRG GROSS."),
        ("Mia ſmith", "@Mia Smith"),
    ],
)
def test_letters_of_all_scripts_name_alike(
    ana: Agent, sales: Queue, waiting: Conversation, name: str, text: str
) -> None:
    Agent.objects.filter(pk=make.agent("Someone", queues=(sales,)).pk).update(name=name)
    assert note(waiting, ana, text) == [name]


@pytest.mark.parametrize(("text", "name"), [("İ @JÖRG GROSS!", "@JÖRG GROSS"), ("ß @Jörg Groß", "@Jörg Groß")])
def test_a_name_keeps_its_place_among_letters_that_fold_longer(text: str, name: str) -> None:
    assert [piece.text for piece in mentions.pieces(text, ["Jörg Groß"]) if piece.is_name] == [name]


def test_a_name_is_cut_out_to_be_shown_as_one() -> None:
    found = mentions.pieces("Ask @Ben Okafor, not me", ["Ben Okafor", "ben"])
    assert [(piece.text, piece.is_name) for piece in found] == [
        ("Ask ", False),
        ("@Ben Okafor", True),
        (", not me", False),
    ]
