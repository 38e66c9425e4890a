"""Who answers calls of the Bot API in tests? A real HTTP server that notes what came and answers as it is told."""

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
from tests.channels_app import telegram
from tests.channels_app.providers import Server

Json = dict[str, Any]
ME: Json = {"id": int(telegram.BOT), "is_bot": True, "username": telegram.USERNAME}
HOOK: Json = {
    "url": "https://desk.example/webhooks/telegram/k3j9",
    "pending_update_count": 0,
    "allowed_updates": [
        "message", "edited_message", "callback_query", "message_reaction", "message_reaction_count", "my_chat_member",
        "chat_member",
    ],
}  # fmt: skip
TAKEN: Json = {"message_id": 82, "chat": {"id": telegram.MAYA, "type": "private"}, "date": 1_790_000_001}


@dataclass
class BotApi:
    """Calls as (method, fields or form, content type); `script` is used up first: a result, an error, `lost`, bytes."""

    script: list[Any] = field(default_factory=list)
    calls: list[tuple[str, Any, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def account(self) -> Account:
        return replace(telegram.ACCOUNT, config={**telegram.ACCOUNT.config, "base_url": self.url})


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    api: BotApi

    def do_GET(self) -> None:
        self.api.paths.append(self.path)
        self._answer(200, self.api.script.pop(0))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        kind = self.headers["content-type"]
        self.api.paths.append(self.path)
        content = json.loads(raw) if kind == "application/json" else raw
        self.api.calls.append((self.path.rpartition("/")[2], content, kind))
        plan = self.api.script.pop(0) if self.api.script else TAKEN
        if plan == "lost":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif isinstance(plan, tuple):
            self._answer(*plan)
        else:
            self._answer(200, {"ok": True, "result": plan})

    def _answer(self, status: int, body: Any) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
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
def bot_api(*script: Any) -> Iterator[BotApi]:
    """The Bot API on a free port of this machine."""
    api = BotApi(list(script))
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"api": api}))
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


def refusal(status: int, words: str, **parameters: int) -> tuple[int, Json]:
    """An answer of Telegram's that refuses."""
    body: Json = {"ok": False, "error_code": status, "description": words}
    return status, body | ({"parameters": parameters} if parameters else {})


def write(content: Content, *script: Any, **more: Any) -> tuple[str, Any, Sent]:
    """One content as it is called: (method, fields or form, what came of it)."""
    given = {"namespace": "telegram_user", "address": str(telegram.MAYA), "ref": "ref-1"} | more
    with bot_api(*script) as api:
        sent = telegram.TELEGRAM.send(api.account, Outgoing(content, **given))
        method, fields, _ = api.calls[-1]
        return method, fields, sent
