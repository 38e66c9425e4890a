"""Who answers calls of Discord's API in tests? A real HTTP server that notes what came and answers as it is told."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any

from channels_app.registry import Account, Outgoing, Sent
from conversations.content import Content
from tests.channels_app import discords
from tests.channels_app.providers import Server

Json = dict[str, Any]
SENT: Json = {"id": "1441052000000000009"}


@dataclass
class Api:
    """Calls as (method, path, body); `script` is used up first: (status, body, headers), a body, or `lost`."""

    script: list[Any] = field(default_factory=list)
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def account(self) -> Account:
        """An account that nobody has called for yet."""
        return replace(discords.ACCOUNT, config={**discords.ACCOUNT.config, "base_url": self.url})

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _ in self.calls]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: Api

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["content-length"])))

    def _serve(self, raw: bytes) -> None:
        is_json = self.headers.get("content-type") == "application/json"
        self.api.calls.append((self.command, self.path, json.loads(raw) if is_json else raw))
        self.api.headers.append({name.lower(): value for name, value in self.headers.items()})
        plan = self.api.script.pop(0) if self.api.script else SENT
        if plan == "lost":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        else:
            self._answer(*(plan if isinstance(plan, tuple) else (200, plan)))

    def _answer(self, status: int, body: Any, headers: Json | None = None) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": len(raw), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(raw)

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            pass

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def api(*script: Any) -> Iterator[Api]:
    """Discord's API on a free port of this machine."""
    found = Api(list(script))
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"api": found}))
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def send(found: Api, content: Content, **more: Any) -> Sent:
    """One content to Maya, where she wrote last."""
    given = {
        "namespace": "discord_user",
        "address": discords.MAYA,
        "ref": "ref-1",
        "thread": {"channel_id": discords.PLACE},
    }
    return discords.DISCORD.send(found.account, Outgoing(content, **(given | more)))


def refusal(status: int, code: int, **more: Any) -> tuple[int, Json]:
    """An error of Discord's."""
    return status, {"message": f"error {code}", "code": code} | more
