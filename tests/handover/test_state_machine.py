"""Whatever happens in whatever order: one owner, no gaps, a silent bot while a human has it, never half handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from common import clock
from common.problems import Problem
from conversations import expiry
from conversations.content import Text
from conversations.models import Conversation, ConversationEvent, JourneyRun, Message
from handover import desk
from handover.models import Agent, Note, Queue
from tests import factories
from tests.stories import cast

WORDS = ["hi", "2", "400", "agent", "Maya", "cancel", "menu", "yes", "1", "what?"]
AGENTS = st.sampled_from([0, 1])
Verb = Callable[..., Conversation]


class Desk(RuleBasedStateMachine):
    """A customer on two channels, two agents, and the clock."""

    queue: Queue

    def __init__(self) -> None:
        super().__init__()
        self.passed = timedelta()
        clock.shift_by(lambda: self.passed)
        self.block: AbstractContextManager[None] = transaction.atomic()
        self.block.__enter__()
        self.agents = [factories.agent(name, queues=(self.queue,)) for name in ("Ana Sousa", "Ben Okafor")]
        maya = cast.maya()
        self.root, self.places = maya.customer.pk, [maya.on_whatsapp(), maya.on_web()]
        self.sent = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)
        clock.shift_by(timedelta)

    @property
    def newest(self) -> Conversation | None:
        return Conversation.objects.of_person(self.root).order_by("-pk").first()

    def does(self, verb: Verb, agent: int, **more: object) -> None:
        """An agent tries; a refusal is fine, anything else is not."""
        found = self.newest
        if found is None:
            return
        try:
            with transaction.atomic():
                verb(conversation_id=found.pk, agent=self.agents[agent], **more)
        except Problem:
            pass

    @rule(place=st.sampled_from([0, 1]), word=st.sampled_from(WORDS))
    def receive(self, place: int, word: str) -> None:
        before, epoch, spoken = self.newest, self.epoch(), self.bots_words()
        self.places[place].says(word)
        if before and before.owner_kind == "agent" and self.epoch() == epoch:
            assert self.bots_words() == spoken

    def bots_words(self) -> int:
        return Message.objects.filter(author="bot", customer__root_id=self.root).count()

    def epoch(self) -> tuple[int, int] | None:
        return (self.newest.pk, self.newest.owner_epoch) if self.newest else None

    @rule(agent=AGENTS)
    def claim(self, agent: int) -> None:
        self.does(desk.claim, agent)

    @rule(agent=AGENTS)
    def reply(self, agent: int) -> None:
        self.sent += 1
        self.does(desk.reply, agent, content=Text("Hello"), client_id=str(self.sent))

    @rule(agent=AGENTS)
    def release(self, agent: int) -> None:
        self.does(desk.release, agent)

    @rule(agent=AGENTS)
    def close(self, agent: int) -> None:
        self.does(desk.close, agent)

    @rule(minutes=st.sampled_from([1, 40, 60 * 25]))
    def wait(self, minutes: int) -> None:
        self.passed += timedelta(minutes=minutes)
        Agent.objects.update(last_seen_at=clock.now())
        expiry.sweep()

    @invariant()
    def one_open_conversation_with_one_owner(self) -> None:
        found = list(Conversation.objects.unclosed().of_person(self.root))
        assert len(found) <= 1
        assert all((one.owner_kind == "bot") == (one.owner_id is None) for one in found)

    @invariant()
    def every_change_of_owner_is_in_the_log(self) -> None:
        for one in Conversation.objects.of_person(self.root):
            moved = ConversationEvent.objects.filter(conversation=one, kind="owner_changed").order_by("seq")
            assert list(moved.values_list("epoch", flat=True)) == list(range(1, one.owner_epoch + 1))
            last = moved.last()
            assert last is None or last.data["to"] == {"kind": one.owner_kind, "id": one.owner_id}

    @invariant()
    def the_bot_is_silent_while_a_human_has_it(self) -> None:
        for one in Conversation.objects.of_person(self.root):
            owner = "bot"
            for event in ConversationEvent.objects.filter(conversation=one).order_by("seq"):
                if event.kind == "owner_changed":
                    owner = event.data["to"]["kind"]
                elif event.kind == "message" and event.actor_kind == "bot":
                    assert owner == "bot"

    @invariant()
    def events_are_numbered_without_gaps(self) -> None:
        for one in Conversation.objects.of_person(self.root):
            seqs = ConversationEvent.objects.filter(conversation=one).order_by("seq").values_list("seq", flat=True)
            assert list(seqs) == list(range(1, one.head_seq + 1))

    @invariant()
    def whoever_waits_in_a_queue_has_a_card_and_was_told(self) -> None:
        for one in Conversation.objects.queued().of_person(self.root):
            assert Note.objects.filter(conversation=one, kind="card").exists()
            assert Message.objects.filter(session__conversation=one, author="system").exists()

    @invariant()
    def one_journey_is_in_front(self) -> None:
        in_front = JourneyRun.objects.filter(customer__root_id=self.root, status__in=("active", "waiting"))
        assert in_front.count() <= 1


@pytest.fixture
def machine(db: None) -> Iterator[type[Desk]]:
    Desk.queue = cast.sales()
    cast.library()
    yield Desk
    clock.shift_by(timedelta)


@pytest.mark.scenario("HO-P")
@pytest.mark.timeout(120)
def test_any_interleaving_keeps_the_invariants(machine: type[Desk]) -> None:
    limits = settings(
        max_examples=12,
        stateful_step_count=14,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(machine, settings=limits)
