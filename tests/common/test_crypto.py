"""Does a sealed value open only where it was sealed, and only unchanged?"""

from __future__ import annotations

import base64
import os
import uuid
from typing import Any

import pytest

from common import crypto

ROW = uuid.UUID("0190f0d4-0000-7000-8000-000000000001")
PLACE: dict[str, Any] = {"table": "customers_identity", "column": "raw", "row": ROW}


def key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def test_a_sealed_value_opens_in_its_place() -> None:
    stored = crypto.seal("+5531988888888 ü", **PLACE)
    assert stored.startswith("v1.")
    assert "5531" not in stored
    assert crypto.unseal(stored, **PLACE) == "+5531988888888 ü"


def test_the_same_text_is_never_sealed_alike() -> None:
    assert crypto.seal("Ann", **PLACE) != crypto.seal("Ann", **PLACE)


@pytest.mark.scenario("T-89")
@pytest.mark.parametrize("moved", [{"row": uuid.uuid4()}, {"column": "display"}, {"table": "customers_observation"}])
def test_a_moved_value_is_refused(moved: dict[str, Any]) -> None:
    stored = crypto.seal("secret", **PLACE)
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(stored, **(PLACE | moved))


@pytest.mark.scenario("T-89")
@pytest.mark.parametrize("position", [0, 11, 12, 20, -1])
def test_one_changed_bit_is_refused(position: int) -> None:
    version, kid, body = crypto.seal("secret text", **PLACE).split(".")
    raw = bytearray(base64.b64decode(body))
    raw[position] ^= 1
    with pytest.raises(crypto.Unreadable):
        crypto.unseal(f"{version}.{kid}.{base64.b64encode(raw).decode()}", **PLACE)


@pytest.mark.scenario("T-89")
@pytest.mark.parametrize("stored", ["", "plain words", "v1", "v1.", "v1.abc.", "v2.0.AAAA", "v1.abc.%%%%"])
def test_what_was_never_sealed_is_refused_and_not_repeated(stored: str) -> None:
    with pytest.raises(crypto.Unreadable) as caught:
        crypto.unseal(stored, **PLACE)
    assert "plain words" not in str(caught.value)


@pytest.mark.scenario("T-90")
def test_values_of_two_keys_are_readable_during_a_rotation(settings: Any) -> None:
    before = crypto.seal("old", **PLACE)
    old = settings.SECRETS["FIELD_KEY"]
    settings.FIELD_KEYS_OLD = [old]
    settings.SECRETS = settings.SECRETS | {"FIELD_KEY": key()}
    after = crypto.seal("new", **PLACE)
    assert [crypto.unseal(stored, **PLACE) for stored in (before, after)] == ["old", "new"]
    assert before.split(".")[1] != after.split(".")[1]


@pytest.mark.scenario("T-90")
def test_a_value_whose_key_is_gone_is_refused_by_the_name_of_the_key(settings: Any) -> None:
    stored = crypto.seal("old", **PLACE)
    settings.SECRETS = settings.SECRETS | {"FIELD_KEY": key()}
    with pytest.raises(crypto.Unreadable, match=stored.split(".")[1]):
        crypto.unseal(stored, **PLACE)


@pytest.mark.parametrize("bad", ["short", base64.urlsafe_b64encode(b"x" * 16).decode()])
def test_a_bad_key_is_named(settings: Any, bad: str) -> None:
    settings.SECRETS = settings.SECRETS | {"FIELD_KEY": bad}
    with pytest.raises(crypto.BadKey, match="FIELD_KEY"):
        crypto.seal("text", **PLACE)


def test_a_digest_is_equal_only_inside_its_namespace() -> None:
    assert crypto.blind("phone", "", value="+1") == crypto.blind("phone", "", value="+1")
    assert crypto.blind("phone", "", value="+1") != crypto.blind("phone_tail", "", value="+1")
    assert len(crypto.blind("phone", value="+1")) == 43


def test_a_lookup_asks_for_every_live_key_version(settings: Any) -> None:
    old_digest = crypto.blind("phone", value="+1")
    settings.BLIND_INDEX_KEYS_OLD = {1: settings.SECRETS["BLIND_INDEX_KEY"]}
    settings.BLIND_INDEX_VERSION = 2
    settings.SECRETS = settings.SECRETS | {"BLIND_INDEX_KEY": key()}
    assert crypto.blind_version() == 2
    assert crypto.blind_all("phone", value="+1") == [crypto.blind("phone", value="+1"), old_digest]
