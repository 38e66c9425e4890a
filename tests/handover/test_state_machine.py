"""Whatever happens in whatever order: one owner, no gaps, a silent bot while a human has it, never half handed over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from common import clock
from conversations import reach
from conversations.models import Conversation, ConversationEvent, JourneyRun, Message, Timer
from handover.models import Note, Reservation
from tests.handover.desk_machine import Desk
from tests.stories import cast


class Floor(Desk):
    """What holds after every step."""

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
            assert last is None or last.data["state"] == one.state

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
            assert (one.queue_id, one.queued_at is None) == (self.queue.pk, False)
            assert Note.objects.filter(conversation=one, kind="card").exists()
            was_told = Message.objects.filter(session__conversation=one, author__in=["system", "agent"]).exists()
            assert was_told or self.nothing_may_be_said(one)

    def nothing_may_be_said(self, one: Conversation) -> bool:
        """The windows are closed; or an alarm rang for an agent who is away, and the customer has not written."""
        last = one.events.filter(kind="owner_changed").latest("seq")
        opened = one.sessions.filter(ended_at__isnull=True).select_related("identity")
        is_mute = all(reach.is_mute(session, clock.now()) for session in opened)
        return is_mute or (last.data["cause"], last.actor_kind) == ("unpark_queue", "system")

    @invariant()
    def one_offer_is_open_and_only_of_what_is_open(self) -> None:
        pending = Reservation.objects.filter(status="pending").select_related("conversation")
        assert all(one.epoch == one.conversation.owner_epoch for one in pending)
        assert len({one.conversation_id for one in pending}) == len(pending)

    @invariant()
    def what_is_parked_wakes_by_itself(self) -> None:
        for one in Conversation.objects.of_person(self.root).filter(state="parked"):
            assert Timer.objects.filter(kind="parking", object_id=one.pk, guard=one.owner_epoch).exists()

    @invariant()
    def what_was_parked_lives_for_a_day_once_it_is_roused(self) -> None:
        for one in Conversation.objects.of_person(self.root).filter(state="open", mode="live"):
            roused, *before = one.events.filter(kind="owner_changed").order_by("-seq")[:2] or [None]
            if roused and before and before[0].data["state"] == "parked" and roused.data["cause"] != "undo":
                assert one.expires_at is not None
                assert one.expires_at - roused.recorded_at > timedelta(hours=23)

    @invariant()
    def one_journey_is_in_front(self) -> None:
        in_front = JourneyRun.objects.filter(customer__root_id=self.root, status__in=("active", "waiting"))
        assert in_front.count() <= 1


@pytest.fixture
def machine(db: None) -> Iterator[type[Floor]]:
    Floor.queue = cast.sales()
    cast.library()
    yield Floor
    clock.shift_by(timedelta)


@pytest.mark.scenario("HO-P", "HO-I1", "HO-I2", "HO-I3", "HO-I4", "HO-I7", "HO-I8", "HO-I9", "HO-I10")
@pytest.mark.timeout(240)
def test_any_interleaving_keeps_the_invariants(machine: type[Floor]) -> None:
    limits = settings(
        max_examples=24,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(machine, settings=limits)
