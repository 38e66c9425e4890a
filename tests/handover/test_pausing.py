"""A journey stands still for a time, until somebody is there, or until something has happened; then it goes on once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from common import clock
from conversations import timers
from conversations.content import Text
from conversations.journeys.state import Rang
from conversations.models import Timer
from handover import desk, turns
from handover.models import BusinessHours, Queue
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

Later = Callable[..., None]

PAUSE = """
journey: pause
title: A pause
languages: [en]
triggers: [{keyword: [pause]}]
steps:
  - {id: soon, type: message, text: One moment.}
  - {id: rest, type: wait, for: 2h}
  - {id: how, type: ask, text: "How was it?", resume: We were talking about it.}
  - {id: bye, type: end, text: Thank you.}
"""
OPENING = """
journey: opening
title: When you open
languages: [en]
triggers: [{keyword: [opening]}]
steps:
  - {id: later, type: wait, until: business_hours, max: 3d, on: {timeout: never}}
  - {id: now, type: end, text: We are open.}
  - {id: never, type: end, text: Nobody came.}
"""
FORM = """
journey: form
title: A form
languages: [en]
triggers: [{keyword: [form]}]
steps:
  - {id: age, type: ask, text: "How old are you?", expect: {kind: number}, resume: We were at your age.}
  - {id: bye, type: end, text: Noted.}
"""


@pytest.fixture
def sales(db: None) -> Queue:
    queue = cast.sales()
    cast.library()
    for text in (PAUSE, OPENING, FORM):
        cast.publish(text)
    return queue


@pytest.fixture
def maya(sales: Queue) -> Person:
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


@pytest.fixture
def later() -> Iterator[Later]:
    """So much time passes, and the sweep of timers looks."""

    def let_pass(**amount: float) -> int:
        clock.shift_by(lambda: timedelta(**amount))
        return timers.sweep()

    yield let_pass
    clock.shift_by(timedelta)


def test_a_pause_ends_by_itself_and_once(phone: Endpoint, later: Later) -> None:
    assert phone.says("pause") == ["One moment."]
    later(hours=1)
    assert phone.news() == []
    later(hours=3)
    later(hours=4)
    assert phone.news() == ["How was it?"]
    assert phone.says("Fine") == ["Thank you."]


def test_who_writes_in_a_pause_hears_that_it_takes_its_time(phone: Endpoint, later: Later) -> None:
    phone.says("pause")
    assert "How was it?" not in words(phone.says("anybody?"))
    later(hours=3)
    assert phone.news() == ["How was it?"]


def test_another_journey_is_not_interrupted_and_what_came_meanwhile_follows_it(phone: Endpoint, later: Later) -> None:
    phone.says("pause")
    assert phone.says("form") == ["How old are you?"]
    later(hours=3)
    assert phone.news() == []
    assert phone.says("42") == ["Noted.", "How was it?"]


def test_a_pause_that_ends_while_a_person_speaks_is_kept_until_the_bot_owns(phone: Endpoint, later: Later) -> None:
    ana = cast.ana(Queue.objects.get())
    phone.says("pause")
    conversation = cast.take_over(phone, ana)
    desk.reply(conversation_id=conversation.pk, agent=ana, content=Text("Ana here."), client_id="1")
    phone.news()
    later(hours=3)
    assert phone.news() == []
    desk.release(conversation_id=conversation.pk, agent=ana)
    assert phone.news() == ["How was it?"]


def test_a_pause_that_ends_where_no_window_is_open_is_kept_until_they_write(phone: Endpoint, later: Later) -> None:
    phone.says("pause")
    assert Timer.objects.filter(kind="journey_timeout").update(due_at=clock.now() + timedelta(hours=30)) == 1
    later(hours=31)
    assert phone.news() == []
    assert phone.says("anybody?")[-1] == "How was it?"


def test_it_goes_on_where_a_window_is_open_and_its_values_may_show(maya: Person, phone: Endpoint, later: Later) -> None:
    phone.says("pause")
    Timer.objects.filter(kind="journey_timeout").update(due_at=clock.now() + timedelta(hours=30))
    clock.shift_by(lambda: timedelta(hours=29))
    stranger, web = maya.on_web(knows_phone=False), maya.on_web()
    stranger.says("anybody?")
    web.turn("anybody?")
    web.news()
    later(hours=31)
    assert (phone.news(), web.news()) == ([], ["How was it?"])


def test_until_somebody_is_there(maya: Person, later: Later) -> None:
    tomorrow = (clock.now() + timedelta(days=1)).strftime("%a").lower()
    hours = BusinessHours.objects.create(title="Tomorrow", weekly={tomorrow: ["00:00-24:00"]})
    Queue.objects.update(hours=hours)
    web = maya.on_web()
    assert web.says("opening") == []
    later(hours=24)
    assert web.news() == ["We are open."]


def test_until_somebody_is_there_is_now_when_somebody_is(phone: Endpoint) -> None:
    assert phone.says("opening") == ["We are open."]


def test_who_never_opens_is_waited_for_so_long_and_no_longer(maya: Person, later: Later) -> None:
    Queue.objects.update(is_open=False)
    web = maya.on_web()
    web.says("opening")
    later(hours=1)
    later(days=2)
    assert web.news() == []
    later(days=3, hours=1)
    assert web.news() == ["Nobody came."]


def test_the_same_result_twice_counts_once(maya: Person, phone: Endpoint) -> None:
    phone.says("pause")
    run = maya.run("pause")
    assert [turns.advance(run=run, result=Rang(token=run.wait["token"])) for _ in range(2)] == [True, False]
    assert phone.news() == ["How was it?"]


def test_the_same_result_twice_is_kept_once(maya: Person, phone: Endpoint) -> None:
    ana = cast.ana(Queue.objects.get())
    phone.says("pause")
    conversation, run = cast.take_over(phone, ana), maya.run("pause")
    assert [turns.advance(run=run, result=Rang(token=run.wait["token"])) for _ in range(2)] == [True, True]
    desk.close(conversation_id=conversation.pk, agent=ana, reason="abandoned")  # what is resolved would go on with Ana
    phone.news()
    assert phone.says("anybody?")[-1] == "How was it?"
