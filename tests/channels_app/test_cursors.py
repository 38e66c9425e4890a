"""Does a cursor that a browser made up harm anybody, its own person included?"""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from channels_app.models import Channel
from tests.channels_app.storefront import Browser
from tests.channels_app.test_consumer import Socket, drain, loop_parts, shop, visit

__all__ = ["loop_parts", "shop"]
pytestmark = pytest.mark.django_db(transaction=True)


async def talks() -> tuple[Browser, str]:
    """Somebody who has said something, and the name of their stream."""
    browser = await visit()
    await sync_to_async(browser.say)("hi")
    await drain()
    (stream,) = (await sync_to_async(browser.visit)())["streams"]
    return browser, stream


@pytest.mark.scenario("T-15")
async def test_a_cursor_beyond_the_end_hears_what_comes_and_silences_no_other_tab(
    shop: Channel, loop_parts: None
) -> None:
    browser, stream = await talks()
    forger, honest = Socket(), Socket()
    await forger.hello(browser.token, **{stream: 2**53 - 1})
    await honest.hello(browser.token, **{stream: 3})
    await sync_to_async(browser.say)("is anybody there?")
    await drain()
    assert [(await one.waits_for("message"))["seq"] for one in (forger, honest)] == [4, 4]
    await forger.leaves()
    await honest.leaves()


@pytest.mark.scenario("T-13")
@pytest.mark.parametrize("after", [-1, True, 1.0, 2**53, "1", None, [1]], ids=range(7))
async def test_a_cursor_that_is_no_number_of_ours_is_refused(shop: Channel, loop_parts: None, after: Any) -> None:
    browser, stream = await talks()
    socket = Socket()
    await socket.hello(browser.token, **{stream: 3})
    await socket.says(type="resync", after={stream: after})
    assert (await socket.hears())["code"] == "frame_invalid"
    await socket.leaves()
