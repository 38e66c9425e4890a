"""Does a customer's own page learn who speaks with them, and nothing more?"""

from __future__ import annotations

import pytest

from channels_app import frames
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit():
    person = make.customer("Maya Lindqvist")
    return make.receive(make.web(make.site_user(person)), "hello").session


def test_the_page_is_told_by_name_which_agent_speaks(visit):
    make.give(visit.conversation, make.agent("Ana Sousa"))
    last = frames.since(visit.identity, visit.channel, after=0)[-1]
    assert (last["type"], last["data"]) == ("owner_changed", {"owner": "agent", "name": "Ana Sousa"})


def test_the_page_is_told_when_the_bot_is_back_although_the_agent_spoke_elsewhere(visit):
    phone = make.phone(visit.customer)
    make.give(visit.conversation, make.agent("Ana Sousa"))
    make.receive(make.whatsapp(phone), "from the tram")
    make.give(visit.conversation, None)
    seen = frames.since(visit.identity, visit.channel, after=0)
    assert seen[-1]["data"] == {"owner": "bot"}
    assert [envelope["seq"] for envelope in seen] == [1, 2, 3]


def test_an_endpoint_says_how_far_its_stream_has_come(visit):
    make.receive(make.web(visit.identity), "and on")
    (last,) = frames.latest(visit.identity, visit.channel)[-1:]
    names = [f"{visit.identity_id}:{visit.channel}", f"{visit.identity_id}:elsewhere", "0:web"]
    assert frames.heads(names) == {names[0]: last["seq"]} == {names[0]: 2}


def test_a_conversation_without_an_open_page_numbers_no_fact_for_one():
    _, phone = make.maya()
    session = make.receive(make.whatsapp(phone), "hi").session
    make.give(session.conversation, make.agent("Ana Sousa"))
    assert [envelope["type"] for envelope in frames.since(phone, session.channel, after=0)] == ["message"]
