"""Does the published protocol say what the code does?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import jsonschema
import pytest
import yaml
from django.conf import settings

from channels_app import ingest, protocol
from channels_app.tokens import CODES
from tests.channels_app import storefront
from tests.channels_app.storefront import Browser
from tests.stories import cast

REFERENCE = Path(settings.BASE_DIR) / "docs/reference"
API: dict[str, Any] = yaml.safe_load((REFERENCE / "asyncapi.yaml").read_text())
ID, STREAM = str(uuid4()), str(uuid4())
FRAMES = [
    {"type": "hello", "token": "x", "after": {STREAM: 3}},
    {"type": "message", "id": ID, "text": "hi"},
    {"type": "message", "id": ID, "file": str(uuid4())},
    {"type": "message", "id": ID, "text": "this one", "file": str(uuid4())},
    {"type": "option", "id": ID, "payload": "a:1:b", "text": "B"},
    {"type": "action", "id": ID, "action": "resume", "run": STREAM},
    {"type": "action", "id": ID, "action": "open"},
    {"type": "action", "id": ID, "action": "start", "journey": "order_chair"},
    {"type": "action", "id": ID, "action": "link", "code": "K7Q2M9XK7Q2M9X22"},
    {"type": "typing", "is_typing": True},
    {"type": "delivered", "stream": STREAM, "seq": 4},
    {"type": "read", "stream": STREAM, "seq": 4},
    {"type": "resync", "after": {}},
    {"type": "ping"},
]


def check(name: str, frame: Any) -> None:
    schema = {**API["components"]["messages"][name]["payload"], "components": API["components"]}
    jsonschema.validate(frame, schema)


def said_by(operation: str) -> set[str]:
    return {one["$ref"].rpartition("/")[2] for one in API["operations"][operation]["messages"]}


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame["type"])
def test_a_frame_of_the_reference_is_taken_by_the_code(frame: dict[str, Any]) -> None:
    check(frame["type"], frame)
    assert protocol.read(json.dumps(frame))


def test_the_reference_names_every_frame_that_the_code_takes() -> None:
    assert said_by("clientSays") == set(protocol._READERS) == {frame["type"] for frame in FRAMES}


def test_the_reference_names_every_code_of_a_refused_frame() -> None:
    named = API["components"]["messages"]["error"]["payload"]["properties"]["code"]["enum"]
    assert set(named) == {*protocol.SENTENCES, "text_too_long"}
    check("error", protocol.Refused("too_fast", retry_after=1.5, id=ID).answer())


def test_the_page_explains_every_code_of_a_refused_token() -> None:
    page = (REFERENCE / "widget.md").read_text()
    assert [code for code in CODES if f"`{code}`" not in page] == []


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_is_what_the_reference_describes() -> None:
    cast.sales()
    cast.library()
    storefront.open_shop()
    browser = Browser()
    browser.visit()
    browser.say("hi")
    ingest.drain()
    history = browser.visit()["history"]
    assert len(history) == 3
    for envelope in history:
        check("envelope", envelope)
