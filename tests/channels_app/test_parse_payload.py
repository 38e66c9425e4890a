"""Does `manage.py parse_payload` print what a payload says, and end well whatever it is given?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import call_command

from channels_app import payloads
from channels_app.registry import Account
from tests.channels_app import whatsapp
from tests.channels_app.adapting import split

ROOT = Path(__file__).parents[2]


def parsed(kind: str, *arguments: str) -> list[dict]:
    out = StringIO()
    call_command("parse_payload", kind, *arguments, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_whole_body_becomes_a_line_for_each_event(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_bytes(whatsapp.body(whatsapp.value(whatsapp.message("hi")), whatsapp.value(whatsapp.message("there"))))
    found = parsed("whatsapp", str(file), "--config", '{"portfolio_id": "p"}')
    assert [(line["file"], line["kind"], line["type"], line["text"]) for line in found] == [
        (str(file), "whatsapp", "inbound", "hi"),
        (str(file), "whatsapp", "inbound", "there"),
    ]
    assert found[0]["handles"][0] | {"display": ""} == {
        "namespace": "phone", "scope": "p", "value": whatsapp.MAYA, "proof": "provider", "display": "",
    }  # fmt: skip


def test_a_stored_event_reads_like_the_body_that_it_came_in(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    (event,) = split(whatsapp.value(whatsapp.message("hi")))
    file.write_text(event.raw)
    assert [line["text"] for line in parsed("whatsapp", str(file))] == ["hi"]


def test_a_list_of_bodies_is_many_of_them() -> None:
    bodies = [json.loads(whatsapp.body(whatsapp.value(whatsapp.message(text)))) for text in ("a", "b")]
    found = payloads.lines("whatsapp", json.dumps(bodies).encode(), account=Account("k"))
    assert [line["text"] for line in found] == ["a", "b"]


def test_without_a_file_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = whatsapp.body(whatsapp.value(statuses=(whatsapp.status("w", "failed", errors=[{"code": 131049}]),)))
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(raw)))
    (found,) = parsed("whatsapp")
    assert (found["file"], found["type"], found["error"]["reason"]) == ("-", "receipt", "deferred")


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"{", b"[" * 100_000, b"null", b"[1, 2]", b"a=b&c=d", b"{}" * 3])
def test_whatever_cannot_be_read_is_a_line(raw: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(raw)
    assert {line["type"] for line in parsed("whatsapp", str(file))} == {"unsupported"}


def test_a_kind_or_file_that_is_not_there_is_a_line_that_says_so(tmp_path: Path) -> None:
    (found,) = parsed("whatsapp", str(tmp_path / "nothing"))
    assert found["type"] == "error" and "No such file" in found["error"]
    file = tmp_path / "x"
    file.write_bytes(b"{}")
    (found,) = parsed("pigeon", str(file))
    assert found["type"] == "error" and "telegram" in found["error"]


def test_no_database_is_needed(tmp_path: Path) -> None:
    known = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment = known | {"THROUGHLINE_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "parse_payload", "whatsapp"]
    raw = whatsapp.body(whatsapp.value(whatsapp.message("hi")))
    done = subprocess.run(command, cwd=ROOT, env=environment, input=raw, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["text"] == "hi"
