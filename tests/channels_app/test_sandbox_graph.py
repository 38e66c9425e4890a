"""Does the pretended Graph API refuse what Meta refuses, with Meta's codes, and take the rest?"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from channels_app.sandbox import graph
from tests.channels_app.adapting import PAYLOADS

REQUESTS = sorted(PAYLOADS.glob("whatsapp_send_requests/*.json"))
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def send(**parts: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": "46701740635", "type": "text", "text": {"body": "Hello"}, **parts}


def buttons(*titles: str) -> dict[str, Any]:
    replies = [{"type": "reply", "reply": {"id": f"r:1:{n}", "title": title}} for n, title in enumerate(titles)]
    interactive = {"type": "button", "body": {"text": "Which?"}, "action": {"buttons": replies}}
    return send(type="interactive", interactive=interactive)


def rows(count: int, **row: str) -> dict[str, Any]:
    items = [{"id": f"r:1:{n}", "title": f"Row {n}", **row} for n in range(count)]
    action = {"button": "Choose", "sections": [{"rows": items}]}
    return send(type="interactive", interactive={"type": "list", "body": {"text": "Which?"}, "action": action})


def code(body: Any) -> int | None:
    refusal = graph.check_send(body)
    return refusal.code if refusal else None


@pytest.mark.parametrize("body", [send(), buttons("Yes", "No", "Maybe"), rows(10), send(text={"body": "x" * 4096})])
def test_what_meta_takes_is_taken(body: dict[str, Any]) -> None:
    assert code(body) is None


@pytest.mark.parametrize("body", [None, [], {}, {"to": "46701740635"}])
def test_a_body_without_the_product_is_refused_with_100(body: Any) -> None:
    assert code(body) == 100


def test_a_phone_and_a_business_scoped_id_together_are_refused() -> None:
    assert code(send(recipient="US.1349830475629104")) == 131009


def test_a_business_scoped_id_alone_is_an_address() -> None:
    body = send(recipient="US.1349830475629104")
    del body["to"]
    assert code(body) is None
    assert graph.address(body) == "US.1349830475629104"


def test_a_parent_id_is_no_address() -> None:
    body = send(recipient="US.ENT.1349830475629104")
    del body["to"]
    assert code(body) == 131009


def test_a_fourth_button_is_one_too_many() -> None:
    assert code(buttons("One", "Two", "Three", "Four")) == 131009


def test_a_button_of_21_characters_is_too_long_and_20_are_not() -> None:
    assert code(buttons("x" * 21)) == 131009
    assert code(buttons("x" * 20)) is None


def test_two_buttons_may_not_have_the_same_title() -> None:
    assert code(buttons("Yes", "Yes")) == 131009


def test_an_eleventh_row_is_one_too_many() -> None:
    assert code(rows(11)) == 131009


def test_a_row_title_of_25_characters_is_too_long() -> None:
    assert code(rows(1, title="x" * 25)) == 131009


def test_a_description_of_73_characters_is_too_long() -> None:
    assert code(rows(1, description="x" * 73)) == 131009


def test_an_interactive_message_needs_words() -> None:
    body = buttons("Yes")
    del body["interactive"]["body"]
    assert code(body) == 131008


def test_a_text_of_4097_characters_is_too_long() -> None:
    assert code(send(text={"body": "x" * 4097})) == 100


def test_callback_data_beyond_512_characters_is_refused() -> None:
    assert code(send(biz_opaque_callback_data="x" * 513)) == 100


def test_reading_needs_the_message_that_is_read() -> None:
    assert code({"messaging_product": "whatsapp", "status": "read"}) == 100
    assert code({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"}) is None


def test_the_window_is_open_for_24_hours_and_not_a_second_longer() -> None:
    wrote = NOW - timedelta(hours=24)
    assert graph.check_window(send(), wrote + timedelta(seconds=1), NOW) is None
    assert graph.check_window(send(), wrote, NOW) == graph.OUTSIDE_WINDOW


def test_who_never_wrote_has_no_open_window() -> None:
    assert graph.check_window(send(), None, NOW) == graph.OUTSIDE_WINDOW


def test_a_template_passes_a_closed_window() -> None:
    template = send(type="template", template={"name": "continue_chat", "language": {"code": "en"}})
    assert graph.check_send(template) is None
    assert graph.check_window(template, None, NOW) is None


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Basic secret", "secret"])
def test_a_wrong_token_is_refused_with_401_and_190(given: str) -> None:
    refusal = graph.check_token(given, "secret")
    assert refusal is not None
    assert (refusal.status, refusal.code) == (401, 190)


def test_a_channel_without_a_token_takes_none() -> None:
    assert graph.check_token("Bearer ", "") is not None


def test_the_answer_names_the_message_as_accepted() -> None:
    answer = graph.accepted(send(), "wamid.1")
    assert answer["messages"] == [{"id": "wamid.1", "message_status": "accepted"}]
    assert answer["contacts"] == [{"input": "46701740635", "wa_id": "46701740635"}]


@pytest.mark.skipif(not REQUESTS, reason="the payload corpus is not here (PAYLOADS_DIR)")
@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_what_metas_own_description_shows_as_a_request_is_taken(path: Path) -> None:
    body = json.loads(path.read_text())
    if not isinstance(body, dict) or "type" not in body or isinstance(body["type"], list):
        pytest.skip("no request to send a message")
    assert code(body | ({"to": "16505551234"} if "to" in body else {})) is None
