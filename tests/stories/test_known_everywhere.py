"""What a person says on one channel: do all the others know of it at once, and does nobody else?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from channels_app import inbox_store, wakeup
from common import clock
from conversations.models import Conversation
from customers import attributes
from customers.models import Identity
from handover.models import Queue
from tests import factories as make
from tests.channels_app import storefront
from tests.channels_app.storefront import login
from tests.channels_app.test_consumer import Socket, visit
from tests.handover.inbox.cast import Screen, client_of, later
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def loop_parts() -> AsyncIterator[None]:
    """What a process opens once and this test's loop must close."""
    yield
    await inbox_store.shutdown()
    await wakeup.shutdown()


@pytest.fixture
def sales() -> Queue:
    storefront.open_shop()
    return cast.sales()


def wrote_on_whatsapp(queue: Queue) -> Conversation:
    """Maya, whose phone the shop's login has proven, waits for an agent there."""
    phone = Identity.objects.select_related("customer").get(namespace="phone")
    return make.give(make.receive(make.whatsapp(phone), "hello").conversation, queue, cause="handover")


def says(conversation: Conversation, city: str) -> None:
    attributes.observe(
        customer=conversation.customer,
        key="city",
        value=city,
        source="bot",
        occurred_at=clock.now(),
        source_event_id=f"answer:{city}",
    )


async def test_a_word_on_whatsapp_reaches_the_desk_and_the_signed_in_browser(sales: Queue, loop_parts: None) -> None:
    signed_in, stranger = Socket(), Socket()
    await signed_in.hello((await visit(jwt=login())).token)
    await stranger.hello((await visit()).token)
    conversation = await later(wrote_on_whatsapp, sales)
    screen = await Screen(await later(client_of, await later(make.agent, "Ana Berg", queues=(sales,)))).open()
    await screen.subscribe(conversation, after=conversation.head_seq)
    await screen.hear("subscribed")
    await later(says, conversation, "Malmö")
    assert await signed_in.waits_for("person") == {"type": "person"}
    assert (await screen.hear("person"))["data"] == {"conversation": str(conversation.public_id)}
    assert await stranger.hears_nothing()
    for one in (signed_in, stranger):
        await one.leaves()
    await screen.leave()
