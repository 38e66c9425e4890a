"""Do the emulators run alone: their API, their control API, and nothing else of the product?"""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from config import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


class Door(http.server.BaseHTTPRequestHandler):
    """Another project's webhook: keeps what is posted."""

    posted: list[tuple[str, dict[str, str], bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.posted.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        return None


@pytest.fixture
def door() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Door.posted.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def alone(door: str) -> Iterator[httpx.Client]:
    """The process, on the test database; a client of it."""
    port = processes.free_port()
    held = connection.settings_dict
    database = f"postgresql://{held['USER']}:{held['PASSWORD']}@/{held['NAME']}?host={held['HOST']}&port={held['PORT']}"
    environment = {**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "run_channel_emulator", "whatsapp", "sms"]
    command += ["--port", str(port), "--webhook", f"{door}/hook/{{kind}}"]
    running = subprocess.Popen(
        command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert running.stdout is not None
    try:
        assert any(f"http://127.0.0.1:{port}" in line for line in running.stdout)  # it ends when the process does
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield client
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
    finally:
        os.killpg(running.pid, signal.SIGKILL) if running.poll() is None else None


def test_another_project_is_written_to_and_answers(alone: httpx.Client) -> None:
    known = {one["kind"]: one for one in alone.get("/control/").json()["channels"]}
    assert set(known) == {"whatsapp", "sms"}
    assert alone.post("/control/whatsapp/write", json={"person": "maya", "text": "hi"}).status_code == 201
    until(lambda: bool(Door.posted))
    path, headers, body = Door.posted[0]
    assert (path, "x-hub-signature-256" in headers, b'"hi"' in body) == ("/hook/whatsapp", True, True)
    token, number = known["whatsapp"]["credentials"]["access_token"], known["whatsapp"]["account"]
    sent = {"messaging_product": "whatsapp", "to": "46701740635", "type": "text", "text": {"body": "Hello"}}
    url = f"/sandbox/graph/v25.0/{number}/messages"
    assert alone.post(url, json=sent, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    phone = alone.get("/control/whatsapp/messages?person=maya").json()["messages"]
    assert [one["text"] for one in phone] == ["hi", "Hello"]
    alone.post("/control/whatsapp/controls", json={"failure": "429"})
    assert alone.post(url, json=sent, headers={"Authorization": f"Bearer {token}"}).status_code == 429
    assert [one["status"] for one in alone.get("/control/whatsapp/log").json()["exchanges"]].count(429) == 1
    assert [alone.get(path).status_code for path in ("/inbox/", "/admin/", "/sandbox/", "/api/schema/")] == [404] * 4
    assert alone.post("/control/telegram/write", json={"person": "maya", "text": "hi"}).status_code == 404


def until(happened: Any) -> None:
    for _ in range(100):
        if happened():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it did not happen")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(CommandError, match="No emulator of pigeon"):
        call_command("run_channel_emulator", "pigeon")
