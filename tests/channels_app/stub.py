"""Who answers a provider's HTTP interface in tests? A real server that notes each call and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.channels_app.providers import Server


@dataclass
class Call:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Stub:
    """`script`: answers (status, body[, headers]) that are used up first; `otherwise` is what comes then."""

    script: list[tuple[Any, ...]]
    otherwise: tuple[int, Any]
    calls: list[Call] = field(default_factory=list)
    url: str = ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stub: Stub

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        named = {name.lower(): value for name, value in self.headers.items()}
        self.stub.calls.append(Call(self.command, self.path, named, body))
        status, answer, *headers = self.stub.script.pop(0) if self.stub.script else self.stub.otherwise
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(raw)), **(headers[0] if headers else {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def stub(*script: tuple[Any, ...], otherwise: tuple[int, Any] = (200, {})) -> Iterator[Stub]:
    """A server on a free port of this machine."""
    found = Stub(list(script), otherwise)
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"stub": found}))
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
