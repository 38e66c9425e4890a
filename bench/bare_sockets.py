"""What is the least that telling a screen can cost? A POST becomes frames at once: nothing is stored, nobody is asked.

`POST /<n> <text>` sends the text to socket n, and a row of a list to every agent's socket, as ours does; with
`?rows=30`, to as many agents' sockets, of which this is the first.
"""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

ROW = '{"v": 1, "type": "row", "html": "' + "x" * 1000
open_sockets: dict[str, Any] = {}


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await socket(scope, receive, send)
    elif scope["type"] == "http":
        await tell(scope, receive, send)
    else:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


async def socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """`/agent/<n>` or `/visit/<n>`."""
    open_sockets[scope["path"]] = send
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass
    open_sockets.pop(scope["path"], None)


async def tell(scope: dict[str, Any], receive: Any, send: Any) -> None:
    body = (await receive())["body"].decode()
    if named := open_sockets.get(scope["path"]):
        await named({"type": "websocket.send", "text": '{"v": 1, "stream": "' + "x" * 1000 + body + '"}'})
        for other in _agents(scope["path"], scope["query_string"]):
            await other({"type": "websocket.send", "text": f'{ROW}{body}"}}'})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def _agents(first: str, query: bytes) -> list[Any]:
    """The sockets that a row is told to."""
    paths = [path for path in open_sockets if path.startswith("/agent/")]
    if query.startswith(b"rows="):
        at = paths.index(first)
        paths = list(islice(cycle(paths), at, at + min(int(query[5:]), len(paths))))
    return [open_sockets[path] for path in paths]
