"""Whose lists have changed? A view was shared, changed or taken away: who may see it looks again."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

from conversations import hub
from handover import saved_views
from handover.inbox import floor
from handover.inbox.floor import Floor

FRAME = json.dumps({"v": 1, "type": "views", "data": {}})


async def follow(here: Floor) -> None:
    """Tells the screens of a floor until the last one leaves."""
    heard = partial(_tell, here)
    hub.here().listen(saved_views.TOPIC, heard)
    try:
        await asyncio.Event().wait()
    finally:
        hub.here().unlisten(saved_views.TOPIC, heard)


async def _tell(here: Floor, data: dict[str, Any]) -> None:
    """The hub's `views` topic. What is seen now is asked of the database, by whoever looks again."""
    meant = data["agents"]
    for screen in list(here.screens):
        if meant is None or screen.agent_id in meant:
            screen.tell(FRAME)


floor.watch(follow)
