"""What can happen at a desk, in any order? The rules of the state machine; what must hold after each is its test."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from common import clock
from common.problems import Problem
from conversations import expiry, timers
from conversations.content import Text
from conversations.models import Connection, Conversation, ConversationEvent, Message
from customers import merging
from customers.models import Customer
from handover import bulk, capacity, desk, engines, leading, refusals
from handover.models import Agent, Queue, Reservation
from handover.routing import closing, dispatch, offers
from handover.timing import leaving
from tests import factories
from tests.stories import cast

WORDS = ["hi", "2", "400", "agent", "Maya", "cancel", "menu", "yes", "1", "what?"]
TARGETS = st.sampled_from(["external", "queue", "bot", "closed"])
AGENTS, LEAD = st.sampled_from([0, 1]), 2
ROOM = 1  # on each desk
Verb = Callable[..., Conversation]


class Desk(RuleBasedStateMachine):
    """A customer on two channels and their double, two agents and who leads them, others who wait, and the clock."""

    queue: Queue

    def __init__(self) -> None:
        super().__init__()
        self.passed = timedelta()
        clock.shift_by(lambda: self.passed)
        self.block: AbstractContextManager[None] = transaction.atomic()
        self.block.__enter__()
        self.agents = [factories.agent(name, queues=(self.queue,)) for name in ("Ana Sousa", "Ben Okafor")]
        self.agents.append(factories.agent("Chloe Martin", supervises=(self.queue,)))
        Agent.objects.update(capacity=ROOM)
        self.centre = Connection.objects.create(key="calls", title="Calls", base_url="https://calls.example")
        self.maya = cast.maya()
        self.places = [self.maya.on_whatsapp(), self.maya.on_web()]
        self.sent = 0
        self.told: dict[int, datetime] = {}  # of each conversation, what the centre said last
        self.double: cast.Endpoint | None = None

    @property
    def root(self) -> int:
        """Of the person, whoever they were found to be."""
        return Customer.objects.values_list("root_id", flat=True).get(pk=self.maya.customer.pk)

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

    @rule(said=st.lists(st.tuples(TARGETS, st.sampled_from([-5, 0, 60])), min_size=2, max_size=4))
    def engine(self, said: list[tuple[engines.To, int]]) -> None:
        """A call centre says something, more than once and in any order."""
        for to, minutes in said:
            if (found := self.newest) is not None:
                self.tells(found, to, clock.now() + timedelta(minutes=minutes))

    def tells(self, found: Conversation, to: engines.To, at: datetime) -> None:
        self.sent += 1
        counts_as = min(at, clock.now())
        more: dict[str, Any] = {"event_id": str(self.sent), "occurred_at": at}
        queue = self.queue if to == "queue" else None
        try:
            with transaction.atomic():
                result = engines.tell(conversation_id=found.pk, engine=self.centre, to=to, queue=queue, **more)
        except refusals.AlreadyClosed:  # all that was said in it goes on in another one
            assert not found.sessions.exists()
            return
        assert (self.epoch() == (found.pk, found.owner_epoch)) == (result != "applied")
        newest = self.told.get(found.pk, counts_as)
        assert result != "applied" or counts_as >= newest
        self.told[found.pk] = max(newest, counts_as)

    @rule(minutes=st.sampled_from([1, 40, 60 * 25]), are_there=st.booleans())
    def wait(self, minutes: int, are_there: bool) -> None:
        self.passed += timedelta(minutes=minutes)
        if are_there:
            Agent.objects.update(last_seen_at=clock.now())
        expiry.sweep()
        timers.sweep()
        leaving.sweep()
        closing.look()
        self.route()

    @rule(agent=AGENTS)
    def falls_silent(self, agent: int) -> None:
        """An answer on the page, and nothing more is heard: asked after a quarter of an hour, parked after another."""
        self.reply(agent)
        for _ in range(2):
            self.wait(minutes=16, are_there=True)

    @rule(agent=AGENTS)
    def sleeps(self, agent: int) -> None:
        """An answer, and parked; woken by hand two hours later."""
        self.reply(agent)
        self.park(agent, hours=0)
        self.passed += timedelta(hours=2)
        self.unpark(agent)

    @rule(delivery=st.sampled_from(["offer", "auto"]))
    def asks(self, delivery: str) -> None:
        """Whom the bot has asks for a person and answers what is asked before; the agents are there."""
        Queue.objects.update(delivery=delivery, strategy="least_busy")
        Agent.objects.update(last_seen_at=clock.now(), not_responding_at=None)
        for word in ("agent", "Maya", "Delivery"):
            if self.newest is None or self.newest.owner_kind == "bot":
                self.places[0].says(word)
        self.route()

    @rule()
    def repeats(self) -> None:
        """The provider brings one message twice."""
        self.sent += 1
        self.places[0].turn("hi", client_id=f"wamid.{self.sent}")
        before = self.all_said()
        self.places[0].turn("hi", client_id=f"wamid.{self.sent}")
        assert self.all_said() == before

    def all_said(self) -> list[tuple[int, ...]]:
        return list(Conversation.objects.of_person(self.root).values_list("pk", "head_seq", "owner_epoch"))

    @initialize(
        begins=st.sampled_from(["", "offer", "auto"]),
        then=st.sampled_from(["", "goes", "rests"]),
        others=st.integers(0, 4),
    )
    def begin(self, begins: str, then: str, others: int) -> None:
        """Somebody is asked, or given the customer, who may go away at once or is put aside; then a crowd."""
        if begins:
            self.places[0].says("hi")
            self.asks(begins)
        if begins and then == "goes":
            self.places[0].says("cancel")
        elif begins and then == "rests":
            self.sleeps(0)
        for _ in range(others):
            self.another_waits()

    @rule()
    def another_waits(self) -> None:
        if Conversation.objects.queued().count() < 5:
            factories.waiting_in(self.queue)

    @rule()
    def route(self) -> None:
        """Whoever was given or offered something unasked had room for it."""
        last = ConversationEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        dispatch.run()
        done = ConversationEvent.objects.filter(pk__gt=last, actor_kind="system")
        given = done.filter(data__cause__in=["assign", "preferred"]).values_list("data__to__id", flat=True)
        asked = {*given, *done.filter(kind="offered").values_list("data__agent", flat=True)}
        assert all(carried <= ROOM for carried in capacity.loads(asked).values())

    @rule(agent=AGENTS)
    def force_assign(self, agent: int) -> None:
        self.leads(leading.force_assign, to=self.agents[agent])

    @rule()
    def barge_in(self) -> None:
        self.leads(leading.barge_in)

    def leads(self, verb: Verb, **more: object) -> None:
        self.does(verb, LEAD, **more)

    @rule(agent=AGENTS, verb=st.sampled_from(["assign", "close", "park"]), is_undone=st.booleans())
    def bulk(self, agent: int, verb: str, is_undone: bool) -> None:
        if (found := self.newest) is not None:
            action = bulk.start(agent=self.agents[agent], verb=verb, options={}, ids=[found.public_id])
            if is_undone and bulk.may_undo(action):
                bulk.undo(action=action, agent=self.agents[agent])

    @rule()
    def is_found_twice(self) -> None:
        """Somebody in the shop, with a conversation of their own, turns out to be the same person."""
        if self.double is None:
            self.double = cast.tom()
            self.double.says("hi")
            tom = self.double.place.identity.customer
            merging.merge(a=self.maya.customer, b=tom, kind="manual", rule="by_hand", actor="user:1", request_id="join")
