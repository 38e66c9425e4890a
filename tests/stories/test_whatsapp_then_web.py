"""WhatsApp in the morning, the web shop in the afternoon: one run, one conversation, the same step."""

from __future__ import annotations

import pytest

from handover.models import Queue
from tests.stories import cast
from tests.stories.cast import words


@pytest.mark.scenario("J-1")
def test_the_journey_goes_on_at_the_same_step_on_the_web(sales: Queue) -> None:
    maya = cast.maya()
    phone, shop = maya.on_whatsapp(), maya.on_web()
    print(phone.says("hi"))
    print(phone.taps("Mesh executive"))
    run = maya.run()
    print(shop.says(action="resume", payload=str(run.public_id)))
    print(shop.says("400"))
    assert maya.run().pk == run.pk
