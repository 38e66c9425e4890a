"""Who takes our replies in a bench? An HTTP server that accepts every message at once; it prints its port and runs.

A GET tells how many were accepted. It stands outside of the measured processes.
"""

from __future__ import annotations

import asyncio

# Every provider's way of saying yes at once: each adapter finds its own.
ACCEPTED = (
    b'{"messaging_product":"whatsapp","messages":[{"id":"wamid.bench.%(n)d"}],"ok":true,'
    b'"result":{"message_id":%(n)d,"chat":{"id":1}},"sid":"SM%(n)d","message_id":"m.%(n)d","id":"%(n)d",'
    b'"ErrorCode":0,"Message":"OK","MessageID":"%(n)d"}'
)


class Graph(asyncio.Protocol):
    """One connection; requests are whole when their content-length is there."""

    count = 0

    def __init__(self) -> None:
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while b"\r\n\r\n" in self.rest:
            head, _, body = self.rest.partition(b"\r\n\r\n")
            length = int((head.lower() + b"\r\n").partition(b"content-length: ")[2].partition(b"\r\n")[0] or b"0")
            if len(body) < length:
                return
            self.rest = body[length:]
            self._answer(head.startswith(b"POST"))

    def _answer(self, is_message: bool) -> None:
        if is_message:
            Graph.count += 1
        body = ACCEPTED % {b"n": Graph.count} if is_message else str(Graph.count).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        self.transport.write(head + body)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Graph, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
