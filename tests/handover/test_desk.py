"""What may an agent do, and which conversations may they see?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations.content import Text
from conversations.models import Conversation, Message
from handover import affinity, desk, refusals, sight
from handover.models import Affinity, Agent, Note, Queue
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return factories.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return factories.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def ben() -> Agent:
    return factories.agent("Ben Okafor", queues=(factories.queue("support"),))


@pytest.fixture
def waiting(sales: Queue) -> Conversation:
    return factories.waiting_in(sales)


def test_an_agent_sees_what_waits_in_their_queue_and_not_in_another(
    waiting: Conversation, ana: Agent, ben: Agent
) -> None:
    assert sight.may_see(ana, waiting)
    assert not sight.may_see(ben, waiting)
    with pytest.raises(refusals.NotThere):
        desk.claim(conversation_id=waiting.pk, agent=ben)


def test_what_was_in_the_queue_stays_visible_when_it_is_the_bots_again(
    waiting: Conversation, ana: Agent, ben: Agent
) -> None:
    back = factories.give(waiting, None)
    assert sight.may_see(ana, back)
    assert not sight.may_see(ben, back)


def test_what_never_was_in_a_queue_is_visible_to_every_agent(ben: Agent) -> None:
    _, phone = factories.maya()
    assert sight.may_see(ben, factories.receive(factories.whatsapp(phone), "hello").conversation)


def test_a_supervisor_sees_every_conversation_of_the_queue(waiting: Conversation, ana: Agent) -> None:
    chloe = factories.agent("Chloe Martin", supervises=(factories.queue("sales"),))
    assert sight.may_see(chloe, waiting)
    desk.claim(conversation_id=waiting.pk, agent=ana)
    assert sight.may_see(chloe, waiting)
    desk.close(conversation_id=waiting.pk, agent=ana)
    assert sight.may_see(chloe, waiting)


@pytest.mark.scenario("T-8")
def test_a_supervisor_of_another_queue_does_not(waiting: Conversation, ana: Agent) -> None:
    chloe = factories.agent("Chloe Martin", supervises=(factories.queue("support"),))
    assert not sight.may_see(chloe, waiting)
    desk.claim(conversation_id=waiting.pk, agent=ana)
    assert not sight.may_see(chloe, waiting)
    with pytest.raises(refusals.NotThere):
        desk.close(conversation_id=waiting.pk, agent=chloe)


def test_what_an_agent_took_straight_from_the_bot_is_seen_by_who_leads_them(ana: Agent, ben: Agent) -> None:
    leads = [factories.agent(f"{key} lead", supervises=(factories.queue(key),)) for key in ("sales", "support")]
    _, phone = factories.maya()
    taken = factories.receive(factories.whatsapp(phone), "hello").conversation
    desk.claim(conversation_id=taken.pk, agent=ana)
    assert [sight.may_see(agent, taken) for agent in (*leads, ana, ben)] == [True, False, True, False]


def test_a_superuser_with_a_desk_sees_all(waiting: Conversation, ben: Agent) -> None:
    ben.user.is_superuser = True
    assert sight.may_see(ben, waiting)


def test_a_deactivated_agent_sees_nothing(waiting: Conversation, ana: Agent) -> None:
    ana.is_active = False
    assert not sight.visible_to(ana).exists()


def test_a_claim_of_ones_own_changes_nothing(waiting: Conversation, ana: Agent) -> None:
    desk.claim(conversation_id=waiting.pk, agent=ana)
    assert desk.claim(conversation_id=waiting.pk, agent=ana).owner_epoch == 2


def test_the_loser_of_a_claim_learns_who_has_it(waiting: Conversation, ana: Agent, sales: Queue) -> None:
    tom = factories.agent("Tom Hardy", queues=(sales,))
    desk.claim(conversation_id=waiting.pk, agent=ana)
    with pytest.raises(refusals.AlreadyTaken) as refused:
        desk.claim(conversation_id=waiting.pk, agent=tom)
    assert refused.value.extra == {"owner": "Ana Sousa"}


def test_the_same_reply_twice_is_one_message(waiting: Conversation, ana: Agent) -> None:
    for _ in range(2):
        desk.reply(conversation_id=waiting.pk, agent=ana, content=Text("Hello"), client_id="a")
    assert Message.objects.filter(author="agent").count() == 1


def test_the_same_note_twice_is_one_note_and_no_message(waiting: Conversation, ana: Agent) -> None:
    for _ in range(2):
        desk.note(conversation_id=waiting.pk, agent=ana, text="calls back at 5", client_id="a")
    assert Note.objects.get().text == "calls back at 5"
    assert waiting.events.filter(kind="note").count() == 1
    assert not Message.objects.filter(author="agent").exists()


def test_a_reply_to_what_one_has_not_seen_is_refused_unless_forced(waiting: Conversation, ana: Agent) -> None:
    hello = {"conversation_id": waiting.pk, "agent": ana, "content": Text("Hello")}
    with pytest.raises(refusals.UnseenMessages) as refused:
        desk.reply(**hello, client_id="a", seen_seq=1)  # type: ignore[arg-type]  # the fields of a reply
    assert refused.value.extra == {"seqs": [2]}
    desk.reply(**hello, client_id="a", seen_seq=1, force=True)  # type: ignore[arg-type]  # the fields of a reply
    assert Message.objects.filter(author="agent").count() == 1


def test_a_reply_to_what_one_has_seen_is_taken(waiting: Conversation, ana: Agent) -> None:
    desk.reply(conversation_id=waiting.pk, agent=ana, content=Text("Hello"), client_id="a", seen_seq=2)
    assert Conversation.objects.get(pk=waiting.pk).owner_id == ana.pk


def test_nothing_can_be_said_in_a_closed_conversation(waiting: Conversation, ana: Agent) -> None:
    desk.claim(conversation_id=waiting.pk, agent=ana)
    desk.close(conversation_id=waiting.pk, agent=ana)
    with pytest.raises(refusals.ChannelClosed):
        desk.reply(conversation_id=waiting.pk, agent=ana, content=Text("Hello"), client_id="a")
    with pytest.raises(refusals.AlreadyClosed):
        desk.claim(conversation_id=waiting.pk, agent=ana)
    with pytest.raises(refusals.AlreadyClosed):
        desk.close(conversation_id=waiting.pk, agent=ana)


def test_a_reply_remembers_who_helped(waiting: Conversation, ana: Agent, sales: Queue) -> None:
    desk.reply(conversation_id=waiting.pk, agent=ana, content=Text("Hello"), client_id="a")
    kept = Affinity.objects.get()
    assert (kept.agent, kept.queue, kept.customer_id) == (ana, sales, waiting.customer_id)


def test_a_claim_alone_remembers_nobody(waiting: Conversation, ana: Agent) -> None:
    desk.claim(conversation_id=waiting.pk, agent=ana)
    assert not Affinity.objects.exists()


@pytest.mark.scenario("HO-39")
def test_an_older_fact_about_who_helped_does_not_win(waiting: Conversation, ana: Agent, ben: Agent) -> None:
    now = clock.now()
    affinity.write(conversation=waiting, agent=ana, at=now)
    affinity.write(conversation=waiting, agent=ben, at=now - timedelta(hours=1))
    assert Affinity.objects.get().agent == ana
