"""Do all parsers survive what providers have sent to others, and any mutation of it? Without the corpus, our own."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app import payloads
from channels_app.registry import Account, kinds
from tests.channels_app.adapting import PAYLOADS
from tests.channels_app.conformance import changed, paths
from tests.channels_app.samples import BY_KIND
from tests.channels_app.test_whatsapp import mutated

KINDS = [kind for kind in kinds() if kind != "web"]
INDEX = PAYLOADS / "index.json"
NO_WEBHOOKS = {"whatsapp_send_requests", "whatsapp_templates", "email_reply_text"}  # what we send, and plain texts
ODD: tuple[Any, ...] = ([], ["x"], {}, {"a": [1]}, 10**400, -1, math.nan, math.inf, True, None)
NOTHING = "nothing was found"
PORTFOLIO = {"portfolio_id": "portfolio-1", "app": "corpus"}


def files(kind: str) -> list[Path]:
    """The corpus's payloads of one kind: its folder is called so, or begins so."""
    folders = [one for one in PAYLOADS.glob("*") if one.is_dir() and one.name not in NO_WEBHOOKS]
    mine = [one for one in folders if one.name.partition("_")[0] == kind]
    return sorted(path for folder in mine for path in folder.iterdir())


def account(kind: str) -> Account:
    return Account(f"{kind}-corpus", "1122334455667", PORTFOLIO)


def lines(kind: str, body: bytes) -> list[dict[str, Any]]:
    return list(payloads.lines(kind, body, account=account(kind)))


@pytest.mark.skipif(not INDEX.exists(), reason="the payload corpus is not here (PAYLOADS_DIR)")
@pytest.mark.parametrize("kind", KINDS)
def test_every_payload_of_the_corpus_is_parsed_or_unsupported(kind: str) -> None:
    failed = {
        path.name: line for path in files(kind) for line in lines(kind, path.read_bytes()) if line["type"] == "error"
    }
    assert failed == {}


@pytest.mark.skipif(not INDEX.exists(), reason="the payload corpus is not here (PAYLOADS_DIR)")
def test_what_the_index_expects_is_what_is_found() -> None:
    known = {path.relative_to(PAYLOADS).as_posix(): (kind, path) for kind in KINDS for path in files(kind)}
    for entry in json.loads(INDEX.read_text()):
        expected = entry.get("expected")
        if expected and entry["file"] in known:
            kind, path = known[entry["file"]]
            found = lines(kind, path.read_bytes())
            assert any(expected.items() <= line.items() for line in found), entry["file"]


@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_every_payload_written_by_hand_is_parsed(kind: str) -> None:
    types = {line["type"] for body in BY_KIND[kind] for line in lines(kind, body)}
    assert "error" not in types and "inbound" in types


@pytest.mark.parametrize("kind", sorted(BY_KIND))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_mutated_payload_is_read_or_unsupported(kind: str, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from([*BY_KIND[kind], *corpus_bodies(kind)]))
    try:
        other = json.dumps(mutated(json.loads(body), data)).encode()
    except ValueError:
        other = data.draw(st.permutations(body.split(b"&")).map(b"&".join))
    assert all(line["type"] != "error" for line in lines(kind, other))


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("kind", sorted(set(BY_KIND) - {"sms"}))  # a form has no members but texts
def test_every_member_may_be_anything(kind: str, odd: Any) -> None:
    for body in map(json.loads, BY_KIND[kind]):
        for path in paths(body):
            found = lines(kind, json.dumps(changed(body, path, odd)).encode())
            assert all(line["type"] != "error" or line["error"] == NOTHING for line in found), path


@pytest.mark.parametrize("kind", sorted(BY_KIND))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_truncated_payload_is_read_or_unsupported(kind: str, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from([*BY_KIND[kind], *corpus_bodies(kind)]))
    cut = body[: data.draw(st.integers(0, len(body)))]
    assert all(line["type"] != "error" for line in lines(kind, cut))


def corpus_bodies(kind: str) -> list[bytes]:
    return _bodies.setdefault(kind, [path.read_bytes() for path in files(kind)] if INDEX.exists() else [])


_bodies: dict[str, list[bytes]] = {}
