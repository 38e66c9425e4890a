"""What was missed between two sessions? Every known place is asked for what came after its last message."""

from __future__ import annotations

import asyncio
import logging

from channels_app import wakeup
from channels_app.gateway import frames
from channels_app.gateway.discord import PAGE, Api, Refused, Unanswered
from channels_app.gateway.frames import Frame
from channels_app.gateway.ledger import Ledger
from channels_app.inbox import where
from common import numbers

log = logging.getLogger(__name__)

PACE = 0.1  # seconds between two questions
REST = 5.0  # seconds after a question that was not answered, doubled up to
REST_MAX = 300.0


async def fill(ledger: Ledger, api: Api) -> int:
    """Asks place by place until no gap is left; returns how many messages were found. Survives a restart."""
    found, rest = 0, REST
    while (gap := await ledger.gap()) is not None:
        try:
            found += await _page(ledger, api, *gap)
            rest = REST
        except (Unanswered, Refused) as error:
            log.warning("messages that were missed cannot be asked for: %s", error)
            await asyncio.sleep(max(getattr(error, "wait", 0.0), rest))
            rest = min(rest * 2, REST_MAX)
        await asyncio.sleep(PACE)
    return found


async def _page(ledger: Ledger, api: Api, place: int, after: int) -> int:
    messages = await api.messages(place, after)
    heard = [
        one for message in messages or () for one in _taken(ledger, api, {"t": "MESSAGE_CREATE", "d": message}).heard
    ]
    last = max((numbers.whole(str(message.get("id", "")), digits=19) or 0 for message in messages or ()), default=0)
    is_more = messages is not None and len(messages) >= PAGE and last > after
    await ledger.filled(place, last if is_more else None, heard)
    if heard:
        wakeup.inbox()
    return len(heard)


def _taken(ledger: Ledger, api: Api, frame: Frame) -> frames.Taken:
    """One message that cannot be read does not keep the others from being found."""
    try:
        return frames.take(ledger.channel_id, frame, "")
    except Exception as error:  # noqa: BLE001 -- the quarantine of an event
        log.error("a message that was missed is kept whole: %s", where(error))
        return frames.stumbled(api.account, ledger.channel_id, frame, "", error)
