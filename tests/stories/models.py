"""How do tests play a language model? A real server, with the pretended one of the sandbox behind it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from channels_app.sandbox import model_brain
from common import clock
from conversations.answers import articles
from customers import consent
from customers.models import Consent, Identity

SHIPPING = "It leaves our house on the same day. They arrive after three days."


@dataclass
class Model:
    """What was asked, and what happens `meanwhile`; `script`: answers that are given first."""

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    script: list[tuple[int, bytes]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def sent(self) -> dict[str, Any]:
        """The data of the last question."""
        found: dict[str, Any] = json.loads(self.asked[-1]["messages"][1]["content"])
        return found

    def says(self, **reply: Any) -> None:
        """The next reply, as the model's own words."""
        content = json.dumps(reply)
        message = {"role": "assistant", "content": content}
        usage = {"prompt_tokens": 7, "completion_tokens": 5}
        self.script.append((200, json.dumps({"choices": [{"message": message}], "usage": usage}).encode()))


@contextmanager
def running() -> Iterator[Model]:
    """A model on this machine; its answers are those of the sandbox unless a script says otherwise."""
    model = Model()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            model.asked.append(body)
            model.headers.append({name.lower(): value for name, value in self.headers.items()})
            model.meanwhile()
            said = model_brain.answer(body)
            status, raw = model.script.pop(0) if model.script else (said.status, said.body)
            if said.seconds:
                threading.Event().wait(2.5)
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        server.shutdown()
        server.server_close()


def agrees(identity: Identity, state: str = Consent.State.IN) -> None:
    """The customer's word on being read by a model."""
    purpose = Consent.Purpose.AI_PROCESSING
    consent.record(
        identity=identity, purpose=purpose, state=state, occurred_at=clock.now(), evidence={"source": "test"}
    )


def knows(key: str, title: str, body: str, **more: Any) -> None:
    """An article of ours."""
    given = {"key": key, "language": "en", "title": title, "body": body} | more
    articles.publish([articles.save(article=None, values=given)])
