"""Does every part of a filter mean what it says, and does what makes no sense say so?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import clock
from conversations.models import Conversation
from handover import filters, listing, saved_views, seeing
from handover.filters import BadFilter, Filter
from handover.models import Agent, ConversationTag, Mention, Note, Queue, SavedView, SlaClock, SlaPolicy, Tag
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales() -> Queue:
    return make.queue("sales")


@pytest.fixture
def ana(sales: Queue) -> Agent:
    return make.agent("Ana Sousa", queues=(sales,))


@pytest.fixture
def chloe(sales: Queue) -> Agent:
    return make.agent("Chloe Martin", supervises=(sales,))


def found(agent: Agent, **asked: str) -> set[int]:
    return set(listing.of(agent, filters.read(asked, agent)).values_list("pk", flat=True))


def promise(conversation: Conversation, **fields: object) -> None:
    policy, _ = SlaPolicy.objects.get_or_create(title="Quick")
    given = {"kind": "first", "minutes": 5, "started_at": clock.now(), "due_at": clock.now() + timedelta(minutes=1)}
    SlaClock.objects.create(conversation=conversation, policy=policy, **{**given, **fields})


def test_the_owner_says_whose_it_is(ana: Agent, chloe: Agent, sales: Queue) -> None:
    waiting, mine, hers = (make.waiting_in(sales, name=name) for name in ("One", "Two", "Three"))
    make.give(mine, ana)
    make.give(hers, chloe)
    assert found(ana, owner="nobody") == found(ana, owner="nobody", queue="sales") == {waiting.pk}
    assert found(ana, owner="me") == {mine.pk}
    assert found(ana, owner="colleagues") == {hers.pk}
    assert found(ana, queue="sales") == {waiting.pk, mine.pk, hers.pk}


def test_the_state_leaves_out_what_is_closed_unless_it_is_asked_for(ana: Agent, sales: Queue) -> None:
    open_one, closed = make.waiting_in(sales, name="One"), make.waiting_in(sales, name="Two")
    Conversation.objects.filter(pk=closed.pk).update(
        state="closed", closed_at=clock.now(), owner_kind="bot", owner_id=None
    )
    assert found(ana) == found(ana, state="open") == {open_one.pk}
    assert found(ana, state="closed") == {closed.pk}
    assert found(ana, state="any") == {open_one.pk, closed.pk}


def test_channel_topic_kind_and_who_waits_narrow_it(ana: Agent, sales: Queue) -> None:
    conversation, other = make.waiting_in(sales, name="One"), make.waiting_in(sales, name="Two")
    tag = Tag.objects.create(key="refund", title="Refund")
    ConversationTag.objects.create(conversation=conversation, tag=tag, given_at=clock.now())
    Conversation.objects.filter(pk=conversation.pk).update(mode="ticket", waiting_on="customer")
    assert found(ana, channel="whatsapp") == {conversation.pk, other.pk}
    assert found(ana, channel="email") == set()
    assert found(ana, tag="refund") == found(ana, mode="ticket") == {conversation.pk}
    assert found(ana, waiting="us") == {other.pk}


def test_what_the_bot_has_waits_for_nobody_of_us(chloe: Agent, sales: Queue) -> None:
    queued, bots = make.waiting_in(sales, name="One"), make.waiting_in(sales, name="Two")
    make.give(bots, None)
    everything = listing.of(chloe, Filter())
    assert {queued.pk, bots.pk} <= set(everything.values_list("pk", flat=True))
    assert found(chloe, waiting="us") == {queued.pk}
    assert listing.counts({"all": (everything, 100)})["all"] == listing.Number(2, 1)


def test_a_promise_is_nearly_due_or_overdue(ana: Agent, sales: Queue) -> None:
    near, over, kept = (make.waiting_in(sales, name=name) for name in ("One", "Two", "Three"))
    promise(near, warned_at=clock.now())
    promise(over, due_at=clock.now() - timedelta(minutes=1), warned_at=clock.now())
    promise(kept, ended_at=clock.now(), due_at=None, breached_at=clock.now())
    assert found(ana, sla="near") == {near.pk}
    assert found(ana, sla="over") == {over.pk}


def test_unread_is_what_the_customer_wrote_since_the_agent_looked(ana: Agent, chloe: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    assert found(ana, unread="yes") == {conversation.pk}
    seeing.write({(ana.pk, conversation.pk): 10**12})
    assert found(ana, unread="yes") == set()
    assert found(chloe, unread="yes") == {conversation.pk}
    make.receive(make.whatsapp(conversation.sessions.get().identity), "One more")
    assert found(ana, unread="yes") == {conversation.pk}


def test_a_mark_goes_neither_back_nor_beyond_the_end(ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    for seq in (2, 1, 10**12):
        seeing.write({(ana.pk, conversation.pk): seq})
    assert seeing.of([ana.pk], [conversation.pk]) == {(ana.pk, conversation.pk): conversation.events.count()}


def test_a_note_that_names_me_is_on_the_list_until_i_looked(ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    note = Note.objects.create(
        conversation=conversation, customer=conversation.customer, text="@Ana", created_at=clock.now()
    )
    mention = Mention.objects.create(note=note, agent=ana)
    assert found(ana, mentions="yes") == {conversation.pk}
    mention.seen_at = clock.now()
    mention.save(update_fields=["seen_at"])
    assert found(ana, mentions="yes") == set()


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "gone"},
        {"owner": "1 OR 1=1"},
        {"queue": "support"},
        {"queue": "no-such"},
        {"tag": "no-such"},
        {"channel": "fax"},
        {"sla": "soon"},
        {"unread": "perhaps"},
        {"q": "x" * 300},
        {"q": "a\x00b"},
    ],
)
def test_what_makes_no_sense_says_so(ana: Agent, asked: dict[str, str]) -> None:
    make.queue("support")
    with pytest.raises(BadFilter) as refused:
        filters.read(asked, ana)
    assert refused.value.extra == {"field": next(iter(asked))}


def test_nobody_finds_by_any_filter_what_they_may_not_see(sales: Queue) -> None:
    make.waiting_in(sales)
    stranger = make.agent("Eve Nobody", queues=(make.queue("support"),))
    for asked in ({}, {"owner": "nobody"}, {"state": "any"}, {"unread": "yes"}, {"channel": "whatsapp"}):
        assert found(stranger, **asked) == set()


def test_numbers_are_counted_no_further_than_they_are_read(ana: Agent, sales: Queue) -> None:
    for number in range(4):
        make.waiting_in(sales, name=f"Person {number}")
    rows = listing.of(ana, Filter(owner="nobody"))
    found = listing.counts({"all": (rows, 100), "some": (rows.filter(waiting_on="us"), 3)})
    assert found == {"all": listing.Number(4, 4), "some": listing.Number(3, 3)}
    assert listing.counts({}) == {}


def test_a_view_is_ones_own_or_the_teams(ana: Agent, chloe: Agent, sales: Queue) -> None:
    own = saved_views.create(agent=ana, title="Mine, waiting", asked=Filter(owner="me", waiting="us"))
    shared = saved_views.create(agent=chloe, title="Tickets", asked=Filter(mode="ticket"), queue=sales)
    assert list(saved_views.visible_to(ana)) == [shared, own]
    assert list(saved_views.visible_to(chloe)) == [shared]
    assert saved_views.filter_of(own) == Filter(owner="me", waiting="us")


def test_a_shared_view_is_changed_by_who_leads_the_team_only(ana: Agent, chloe: Agent, sales: Queue) -> None:
    shared = saved_views.create(agent=chloe, title="Tickets", asked=Filter(mode="ticket"), queue=sales)
    for act in (
        lambda: saved_views.change(agent=ana, view=shared, title="Mine now"),
        lambda: saved_views.remove(agent=ana, view=shared),
        lambda: saved_views.create(agent=ana, title="For all", asked=Filter(), is_shared=True),
        lambda: saved_views.create(agent=ana, title="For sales", asked=Filter(), queue=sales),
    ):
        with pytest.raises(saved_views.NotYourView):
            act()
    saved_views.change(agent=chloe, view=shared, title="Letters", asked=Filter(mode="live"))
    assert SavedView.objects.get().title == "Letters"


def test_views_stand_in_the_order_that_was_chosen(ana: Agent) -> None:
    first, second = (saved_views.create(agent=ana, title=title, asked=Filter()) for title in ("A", "B"))
    saved_views.arrange(agent=ana, ids=[second.public_id, first.public_id])
    assert list(saved_views.visible_to(ana)) == [second, first]


def test_a_view_that_is_not_understood_any_more_shows_everything(ana: Agent) -> None:
    view = saved_views.create(agent=ana, title="Old", asked=Filter())
    SavedView.objects.update(filters={"state": "gone"})
    view.refresh_from_db()
    assert saved_views.filter_of(view) == Filter()
