"""Does a cursor that a screen made up harm anybody?"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import Screen, client_of, later
from tests.handover.inbox.test_consumers import write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.scenario("T-15")
@pytest.mark.parametrize("beyond", [1, 2**62, 2**63 - 1])
async def test_a_cursor_from_nowhere_is_told_to_reload_and_silences_nobody(
    ana: Agent, chloe: Agent, sales: Queue, beyond: int
) -> None:
    conversation = await later(make.waiting_in, sales)
    forger, honest = [await Screen(await later(client_of, who)).open() for who in (ana, chloe)]
    await forger.subscribe(conversation, after=max(beyond, conversation.head_seq + 1))
    assert (await forger.hear("reload"))["data"] == {"conversation": str(conversation.public_id)}
    await honest.subscribe(conversation, after=conversation.head_seq)
    await honest.hear("subscribed")
    await later(write, conversation.pk, "Are you there?")
    assert (await honest.hear("message"))["seq"] == conversation.head_seq + 1
    await forger.leave()
    await honest.leave()


@pytest.mark.scenario("T-13")
@pytest.mark.parametrize("after", [-1, True, 1.0, 2**63, 10**400, "1", None, [1]], ids=range(8))
async def test_a_cursor_that_is_no_number_of_ours_closes_the_screen(desk: Client, sales: Queue, after: Any) -> None:
    conversation = await later(make.waiting_in, sales)
    screen = await Screen(desk).open()
    await screen.subscribe(conversation, after=after)
    assert await screen.closed_with() == 1003
