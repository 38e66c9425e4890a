"""Who answers our sends in tests? A real HTTP server that speaks enough of Graph, and fails as it is told."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar, cast

Script = list[Any]


@dataclass
class Graph:
    """What came in, and what to answer: `script` is used up first, one entry a request.

    An entry is a status with its error object, `lost` (taken, the answer never comes), `reset` (cut before it is taken)
    or `slow:<seconds>`.
    """

    script: Script = field(default_factory=list)
    accepted: list[dict[str, Any]] = field(default_factory=list)
    courtesies: list[dict[str, Any]] = field(default_factory=list)  # "read", "typing": no messages, never scripted
    refuses_courtesies: bool = False
    requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    @property
    def texts(self) -> list[str]:
        """The bodies of the accepted messages, in the order of acceptance."""
        return [said(body) for body in self.accepted]

    @property
    def refs(self) -> list[str]:
        """Our ids of the accepted messages."""
        return [body["biz_opaque_callback_data"] for body in self.accepted]

    def next(self) -> Any:
        with self.lock:
            self.requests += 1
            return self.script.pop(0) if self.script else None

    def accept(self, body: dict[str, Any]) -> str:
        with self.lock:
            self.accepted.append(body)
            return f"wamid.out.{len(self.accepted)}"


def said(body: dict[str, Any]) -> str:
    """The words of a Graph message, whatever its type."""
    if body["type"] == "interactive":
        return str(body["interactive"]["body"]["text"])
    return str(body.get("text", {}).get("body", ""))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    graph: Graph

    def do_GET(self) -> None:
        self._answer(200, {"id": "ok"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "status" in body:
            self.graph.courtesies.append(body)
            self._answer(*(error(1, 500) if self.graph.refuses_courtesies else (200, {"success": True})))
            return
        plan = self.graph.next()
        if plan == "reset":
            self._reset()
            return
        if isinstance(plan, tuple):
            self._answer(*plan)
            return
        if isinstance(plan, str) and plan.startswith("slow:"):
            time.sleep(float(plan.removeprefix("slow:")))
        wamid = self.graph.accept(body)
        if plan == "lost":
            self._reset()
            return
        self._answer(200, {"messaging_product": "whatsapp", "messages": [{"id": wamid}]})

    def _reset(self) -> None:
        """Cuts the connection with a RST, so that the client cannot tell how far its request got."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _answer(self, status: int, data: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(data).encode()
        self.send_response(status)
        for name, value in {
            "content-type": "application/json",
            "content-length": str(len(raw)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            pass

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A connection that was cut on purpose is no news."""


G = TypeVar("G", bound=Graph)


@contextmanager
def graph(given: G | None = None) -> Iterator[G]:
    """A provider on a free port of this machine."""
    found = given or cast(G, Graph())
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"graph": found}))
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def error(code: int, status: int = 400, *, retry_after: str = "") -> tuple[int, dict[str, Any], dict[str, str]]:
    """An answer of Graph's that refuses."""
    words = {"error": {"message": f"error {code}", "code": code, "error_data": {"details": f"details of {code}"}}}
    return status, words, {"retry-after": retry_after} if retry_after else {}
