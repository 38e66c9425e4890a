"""Whatever happens in whatever order: one owner, no gaps, a silent bot while a human has it, never half handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from common import clock
from common.problems import Problem
from conversations import expiry, reach, timers
from conversations.content import Text
from conversations.models import Connection, Conversation, ConversationEvent, JourneyRun, Message, Timer
from handover import desk, engines
from handover.models import Agent, Note, Queue, Reservation
from handover.routing import dispatch, offers
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
        self.centre = Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
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

    @rule(agent=AGENTS, to=st.sampled_from(["queue", "colleague"]))
    def transfer(self, agent: int, to: str) -> None:
        target: dict[str, object] = {"queue": self.queue} if to == "queue" else {"to": self.agents[1 - agent]}
        self.does(desk.transfer, agent, note="Please", **target)

    @rule(agent=AGENTS, is_accepted=st.booleans())
    def answer_offer(self, agent: int, is_accepted: bool) -> None:
        offered = Reservation.objects.filter(agent=self.agents[agent]).order_by("-pk").first()
        if offered is not None:
            try:
                with transaction.atomic():
                    (offers.accept if is_accepted else offers.decline)(
                        offer_id=offered.public_id, agent=self.agents[agent]
                    )
            except Problem:
                pass

    @rule(agent=AGENTS, hours=st.sampled_from([0, 1]))
    def park(self, agent: int, hours: int) -> None:
        self.does(desk.park, agent, until=clock.now() + timedelta(hours=hours) if hours else None)

    @rule(agent=AGENTS)
    def unpark(self, agent: int) -> None:
        self.does(desk.unpark, agent)

    @rule(agent=AGENTS)
    def reopen(self, agent: int) -> None:
        self.does(desk.reopen, agent)

    @rule(agent=AGENTS)
    def escalate(self, agent: int) -> None:
        self.does(desk.escalate, agent, reason="complaint", note="Again")

    @rule(to=st.sampled_from(["external", "queue", "bot", "closed"]), minutes=st.sampled_from([-5, 0, 60]))
    def engine(self, to: str, minutes: int) -> None:
        found, self.sent = self.newest, self.sent + 1
        if found is not None:
            at, queue = clock.now() + timedelta(minutes=minutes), self.queue if to == "queue" else None
            said: dict[str, Any] = {"event_id": str(self.sent), "occurred_at": at, "to": to, "queue": queue}
            with transaction.atomic():
                engines.tell(conversation_id=found.pk, engine=self.centre, **said)

    @rule(minutes=st.sampled_from([1, 40, 60 * 25]), are_there=st.booleans())
    def wait(self, minutes: int, are_there: bool) -> None:
        self.passed += timedelta(minutes=minutes)
        if are_there:
            Agent.objects.update(last_seen_at=clock.now())
        expiry.sweep()
        timers.sweep()
        dispatch.run()

    @rule(agent=AGENTS)
    def falls_silent(self, agent: int) -> None:
        """An answer on the page, and nothing more is heard: asked after a quarter of an hour, parked after another."""
        self.reply(agent)
        for _ in range(2):
            self.wait(minutes=16, are_there=True)

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
            was_told = Message.objects.filter(session__conversation=one, author="system").exists()
            assert was_told or self.nothing_may_be_said(one)

    def nothing_may_be_said(self, one: Conversation) -> bool:
        """The windows are closed; or an alarm rang for an agent who is away, and the customer has not written."""
        last = one.events.filter(kind="owner_changed").latest("seq")
        opened = one.sessions.filter(ended_at__isnull=True).select_related("identity")
        is_mute = all(reach.is_mute(session, clock.now()) for session in opened)
        return is_mute or (last.data["cause"], last.actor_kind) == ("unpark_queue", "system")

    @invariant()
    def one_offer_is_open_and_only_of_what_is_open(self) -> None:
        pending = Reservation.objects.filter(status="pending", conversation__customer__root_id=self.root)
        assert all(one.epoch == one.conversation.owner_epoch for one in pending.select_related("conversation"))
        assert pending.count() <= 1

    @invariant()
    def what_is_parked_wakes_by_itself(self) -> None:
        for one in Conversation.objects.of_person(self.root).filter(state="parked"):
            assert Timer.objects.filter(kind="parking", object_id=one.pk, guard=one.owner_epoch).exists()

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


@pytest.mark.scenario("HO-P", "HO-I1", "HO-I2", "HO-I3", "HO-I7", "HO-I8")
@pytest.mark.timeout(240)
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
