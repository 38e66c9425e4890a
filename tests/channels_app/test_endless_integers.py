"""Does an integer that nobody can mean do no harm, at every door where others hand in JSON?"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import RequestFactory

from channels_app import fallback, protocol, public_keys, registry
from channels_app.adapters.base import Malformed, dumps, loads, wire
from channels_app.adapters.whatsapp import errors
from channels_app.gateway import connection
from conversations.assistant import calls
from tests.channels_app import conformance, test_tokens
from tests.conversations import test_assistant

ENDLESS = ["9" * 31, "-" + "9" * 400, "9" * 4300, "9" * 5000, "9" * 1_000_000]
every = pytest.mark.parametrize("digits", ENDLESS, ids=lambda digits: f"{len(digits)} digits")


@every
def test_in_a_providers_json_it_is_only_digits(digits: str) -> None:
    found = loads(f'{{"entry": [{{"time": {digits}}}], "update_id": {digits}}}')
    assert (found["entry"][0]["time"], found["update_id"]) == (digits[:200], digits[:200])


@pytest.mark.scenario("T-13")
@every
@pytest.mark.parametrize("kind", registry.kinds())
def test_no_adapter_stumbles_over_one(kind: str, digits: str) -> None:
    raw, found = f'{{"update_id": {digits}, "entry": [{{"id": {digits}, "time": {digits}}}]}}', registry.adapter(kind)
    for parsed in found.parse(raw, registry.Account(key="nobody")):
        conformance.well_formed(parsed)
    with suppress(Malformed):
        found.split(registry.Request(raw.encode(), {b"content-type": b"application/json"}))


@every
def test_in_the_answer_of_a_providers_interface_it_is_only_digits(digits: str) -> None:
    answer = httpx.Response(200, content=f'{{"id": {digits}}}')
    assert wire.body(answer) == {"id": digits[:200]} and connection._read(f'{{"op": {digits}}}') == {}


@every
def test_an_estimate_of_meta_is_no_time_to_wait(digits: str) -> None:
    usage = f'{{"1": [{{"estimated_time_to_regain_access": {digits}}}]}}'
    answer = httpx.Response(429, headers={"x-business-use-case-usage": usage[:60_000]})
    assert errors.of_answer(answer).retry_after is None


def test_a_number_of_thirty_digits_is_read() -> None:
    assert dumps(loads('{"a": -999999999999999999999999999999}')) == '{"a":-999999999999999999999999999999}'


@every
def test_the_widgets_frame_and_body_are_refused(digits: str) -> None:
    with pytest.raises(protocol.Garbage):
        protocol.read(f'{{"type": "ping", "n": {digits}}}')
    body = f'{{"values": {{"n": {digits}}}}}'
    request = RequestFactory().post("/", body, content_type="application/json")
    with pytest.raises(fallback.BodyInvalid):
        fallback.body_of(request)


@pytest.mark.parametrize("length", ["x", "9" * 5000, "-1"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    request = RequestFactory().post("/", "{}", content_type="application/json", headers={"Content-Length": length})
    with pytest.raises(fallback.BodyInvalid):
        fallback.body_of(request)


@every
def test_a_sites_keys_are_no_keys(digits: str) -> None:
    with pytest.raises(public_keys.Unfit):
        public_keys.of_set(f'{{"keys": [{{"kid": {digits}}}]}}', most=5)


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("number", [10**400, -(10**400), 10**15, -(10**15), 1e300])
def test_a_login_whose_time_is_none_is_refused(name: str, number: Any) -> None:
    assert test_tokens.refused(test_tokens.signed(**{name: number})).startswith("token_")


@pytest.mark.parametrize("header", ["9" * 4500, "[" * 4500])
def test_a_login_whose_header_cannot_be_read_is_refused(header: str) -> None:
    assert test_tokens.refused(_raw(f'{{"alg": {header}}}')) == "token_malformed"


def test_a_login_of_now_is_taken() -> None:
    assert test_tokens.verify(test_tokens.signed(nbf=(test_tokens.NOW - timedelta(minutes=1)).timestamp()))


@pytest.mark.scenario("J-52")
@every
def test_a_language_model_that_answers_with_one_is_not_believed(digits: str) -> None:
    raw = f'{{"choices": [{{"message": {{"content": "x"}}}}], "usage": {{"prompt_tokens": {digits}}}}}'
    with pytest.raises(calls.CallFailed, match="bad_answer"):
        calls._words(raw.encode(), 1)
    slots = f'{{"reply": "", "action": "start_journey", "journey": "booking", "slots": {{"people": {digits}}}}}'
    assert test_assistant.code(slots) == "bad_json"


def _raw(header: str) -> str:
    token = test_tokens.by_hand({}, json.dumps(test_tokens.claims()))
    return ".".join([test_tokens.base64.urlsafe_b64encode(header.encode()).decode().rstrip("="), *token.split(".")[1:]])
