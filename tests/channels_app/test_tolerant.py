"""Is JSON of any depth read, or refused in one word, before anything can stumble over it?"""

from __future__ import annotations

from contextlib import suppress

import pytest

from channels_app import registry
from channels_app.adapters.base import Malformed, dumps, loads
from tests.channels_app import conformance

NESTED = [mark + "[" * depth + "]" * (depth + 1) for mark in ('["\\u0000",', '["a",') for depth in (300, 500, 900)]


@pytest.mark.parametrize("raw", NESTED)
def test_what_is_nested_too_deep_is_malformed(raw: str) -> None:
    with pytest.raises(Malformed):
        loads(raw)


def test_what_is_nested_like_a_payload_is_read() -> None:
    raw = "[" * 150 + '"\\u0000a",' + "[1]," * 300 + "2" + "]" * 150
    assert "\0" not in dumps(loads(raw)) and "a" in dumps(loads(raw))


@pytest.mark.parametrize("kind", registry.kinds())
@pytest.mark.parametrize("raw", NESTED)
def test_no_adapter_stumbles_over_depth(kind: str, raw: str) -> None:
    found = registry.adapter(kind)
    for parsed in found.parse(raw, registry.Account(key="nobody")):
        conformance.well_formed(parsed)
    with suppress(Malformed):
        found.split(registry.Request(raw.encode(), {b"content-type": b"application/json"}))
