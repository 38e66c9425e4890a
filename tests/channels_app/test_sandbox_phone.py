"""Does every channel have a phone in the sandbox, and can a person do there what the channel has, and no more?"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from channels_app.models import Channel
from channels_app.sandbox import emulators, kit, people, phone
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.models import SandboxControls, SandboxMessage
from tests.channels_app import conformance

pytestmark = pytest.mark.django_db
PICTURE = {"name": "a.png", "media_type": "image/png", "base64": base64.b64encode(b"\x89PNG\r\n\x1a\n0").decode()}


@pytest.fixture(autouse=True)
def demo() -> Iterator[None]:
    """The demo's channels; no webhook leaves."""
    call_command("seed_demo", "--no-history")
    for channel in emulators.channels():
        emulators.of(channel).reset(channel)
    with conformance.caught():
        yield


def say(client: Client, kind: str, person: str = "maya", **asked: Any) -> Any:
    body = json.dumps({"channel": f"{kind}-demo", "person": person, **asked})
    return client.post("/sandbox/say", body, content_type="application/json")


def thread(client: Client, kind: str, person: str = "maya") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/sandbox/feed?channel={kind}-demo&person={person}").json()["messages"]
    return found


def test_the_demo_has_a_channel_and_the_page_a_phone_for_every_emulator(client: Client) -> None:
    keys = [f"{kind}-demo" for kind in emulators.kinds()]
    assert [channel.key for channel in emulators.channels()] == keys
    page = client.get("/sandbox/").content.decode()
    assert all(f'data-channel="{key}"' in page for key in keys)


@pytest.mark.parametrize("kind", emulators.kinds())
def test_a_person_writes_on_every_channel_and_sees_it_there_only(client: Client, kind: str) -> None:
    assert say(client, kind, text="a chair, please", subject="Chair").status_code == 201
    assert "a chair, please" in thread(client, kind)[-1]["text"]
    others = [other for other in emulators.kinds() if other != kind]
    assert all(thread(client, other) == [] for other in others)
    assert thread(client, kind, "tom") == []


@pytest.mark.parametrize("kind", emulators.kinds())
def test_whom_a_channel_does_not_know_cannot_write_there(client: Client, kind: str) -> None:
    emulator = emulators.find(kind)
    assert emulator is not None
    for person in people.CAST:
        status = say(client, kind, person.key, text="hi", subject="x").status_code
        assert status == (201 if emulator.address(person) else 400)


@pytest.mark.parametrize("kind", emulators.kinds())
def test_each_act_works_where_the_channel_has_it_and_is_refused_elsewhere(client: Client, kind: str) -> None:
    emulator = emulators.find(kind)
    assert emulator is not None
    said = say(client, kind, text="first", subject="x").json()["message"]
    acts: dict[str, dict[str, Any]] = {
        "file": {"file": PICTURE, "text": "look"},
        "voice": {"file": {**PICTURE, "media_type": "audio/ogg", "name": "a.ogg"}},
        "location": {"latitude": 55.6, "longitude": 13.0, "title": "Malmö"},
        "contact": {},
        "edit": {"message": said, "text": "second"},
        "removal": {"message": said},
    }
    for act, asked in acts.items():
        status = say(client, kind, act=act, **asked).status_code
        assert (act, status) == (act, 201 if act in emulator.abilities else 400)
    assert all(bubble["id"] for bubble in thread(client, kind))


def test_nobody_edits_or_removes_what_somebody_else_wrote(client: Client) -> None:
    theirs = say(client, "messenger", "tom", text="mine").json()["message"]
    for asked in ({"act": "edit", "text": "yours"}, {"act": "removal"}):
        assert say(client, "messenger", message=theirs, **asked).status_code == 400
    assert thread(client, "messenger", "tom")[-1]["text"] == "mine"


@pytest.mark.parametrize("file", [{}, {"base64": "?"}, {"base64": ""}, "x", None])
def test_a_file_that_is_none_is_refused(client: Client, file: Any) -> None:
    assert say(client, "telegram", act="file", file=file).status_code == 400


@pytest.mark.parametrize(
    ("media_type", "is_shown"), [("image/png", True), ("image/svg+xml", False), ("text/html", False)]
)
def test_only_harmless_files_are_shown_by_the_browser(client: Client, media_type: str, is_shown: bool) -> None:
    channel = Channel.objects.get(key="telegram-demo")
    row = kit.keep_file(channel, Upload(b"<script>alert(1)</script>", media_type, 'a"\r\nb.html'))
    answer = client.get(kit.file_url(row))
    assert answer["Content-Disposition"].startswith("inline" if is_shown else "attachment")
    assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == ("nosniff", True)
    assert is_shown or answer["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("kind", emulators.kinds())
def test_how_receipts_come_back_is_one_of_what_the_channel_knows(client: Client, kind: str) -> None:
    channel = Channel.objects.get(key=f"{kind}-demo")
    known = phone.frame(channel)["receipts"]
    assert not known or phone.controls(channel)["receipts"] in known


@pytest.mark.parametrize("kind", emulators.kinds())
def test_controls_are_those_of_the_channel(client: Client, kind: str) -> None:
    emulator = emulators.find(kind)
    assert emulator is not None
    for failure, status in ((list(emulator.failures)[-1], 200), ("volcano", 400)):
        asked = {"channel": f"{kind}-demo", "failure": failure, "latency_ms": 0}
        answer = client.post("/sandbox/controls", json.dumps(asked), content_type="application/json")
        assert answer.status_code == status
    assert SandboxControls.objects.get(channel=f"{kind}-demo").failure == list(emulator.failures)[-1]


def test_a_reset_empties_every_phone(client: Client) -> None:
    for kind in emulators.kinds():
        say(client, kind, text="hi", subject="x")
    client.post("/sandbox/reset", "{}", content_type="application/json")
    assert not SandboxMessage.objects.exists()
