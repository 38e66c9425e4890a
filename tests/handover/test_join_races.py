"""Two people become one while somebody claims, writes and closes: is there one owner afterwards, and no word lost?"""

from __future__ import annotations

from functools import partial

import pytest

from conversations import ownership
from conversations.models import Conversation, Message
from customers import merging
from handover import desk, refusals
from handover.models import Agent, Queue
from tests import factories
from tests.handover.at_once import at_once
from tests.handover.at_once import refusals as refused
from tests.stories import cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scenario("HO-46", "HO-I14")]

EXPECTED = (refusals.AlreadyClosed, refusals.AlreadyTaken, refusals.NotYours, ownership.OwnerMoved)


@pytest.fixture
def ana(transactional_db: None) -> Agent:
    sales = cast.sales()
    cast.library()
    return cast.ana(sales)


@pytest.mark.parametrize("verb", ["claim", "close"])
def test_a_merge_and_an_agents_verb_leave_one_owner_and_every_word(ana: Agent, verb: str) -> None:
    ben = factories.agent("Ben Okafor", queues=(Queue.objects.get(),))
    maya, page = cast.maya(), cast.tom()
    phone = maya.on_whatsapp()
    phone.says("hi"), page.says("hi")
    hers, his = Conversation.objects.order_by("pk")
    desk.claim(conversation_id=his.pk, agent=ben)
    how = {"kind": "manual", "rule": "by_hand", "actor": "user:1", "request_id": "join"}
    merge = partial(merging.merge, a=maya.customer, b=page.place.identity.customer, **how)
    act = partial(desk.claim, conversation_id=hers.pk, agent=ana)
    if verb == "close":
        act = partial(desk.close, conversation_id=his.pk, agent=ben)
    results = at_once([merge, act, partial(phone.says, "hello?"), partial(page.says, "me, too")])
    assert all(isinstance(error, EXPECTED) for error in refused(results)), results
    maya.customer.refresh_from_db()
    left = len(Conversation.objects.unclosed().of_person(maya.customer.root_id))
    assert left == 1 or (verb == "close" and left == 0)  # whoever closes last closes what was said before
    assert Message.objects.filter(author="customer").count() == 4
    for one in Conversation.objects.all():
        epochs = one.events.filter(kind="owner_changed").order_by("epoch").values_list("epoch", flat=True)
        assert list(epochs) == list(range(1, one.owner_epoch + 1))
