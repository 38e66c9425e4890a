"""Does each kind of connection reach the right part, and nothing slip in between?"""

from __future__ import annotations

from typing import Any

import pytest

from config import asgi


def scope(**values: Any) -> dict[str, Any]:
    return {"type": "http", "headers": [], "query_string": b"", **values}


async def sent_for(request: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await asgi.application(request, receive, send)
    return sent


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
async def test_a_living_loop_answers_by_itself(path: str) -> None:
    sent = await sent_for(scope(path=path))
    assert sent[0]["status"] == 200


async def test_an_unknown_socket_is_closed() -> None:
    sent = await sent_for({"type": "websocket", "path": "/nowhere/", "headers": []})
    assert sent == [{"type": "websocket.close", "code": 4404}]
