"""Does the doctor see what is wrong, say what helps, and fail the command?"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.core.management import call_command
from pytest_django import Settings

from common import checkups
from common.checkups import Finding
from config import celery, doctor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_our_checkups() -> Iterator[None]:
    before = dict(checkups.registered)
    checkups.registered.clear()
    yield
    checkups.registered.clear()
    checkups.registered.update(before)


@pytest.fixture
def heart(redis_client: redis.Redis) -> None:
    redis_client.set(celery.HEARTBEAT_KEY, str(time.time()))


def examined() -> dict[str, Finding]:
    return dict(doctor.examine())


@pytest.mark.parametrize("name", ["migrations", "clock", "redis", "live push", "beat", "storage", "secrets"])
def test_a_well_part_is_ok(heart: None, name: str) -> None:
    assert examined()[name].level == "OK"


def test_an_old_heartbeat_fails(redis_client: redis.Redis) -> None:
    redis_client.set(celery.HEARTBEAT_KEY, str(time.time() - 600))
    assert examined()["beat"].level == "FAIL"


def test_a_missing_heartbeat_is_never_ok(redis_client: redis.Redis) -> None:
    redis_client.delete(celery.HEARTBEAT_KEY)
    assert examined()["beat"].level in ("WARN", "FAIL")  # a server that has just started gives beat some time


def test_a_dead_redis_fails_and_the_rest_is_examined(settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    found = examined()
    assert (found["redis"].level, found["live push"].level, found["migrations"].level) == ("FAIL", "FAIL", "OK")


@pytest.mark.parametrize(("age", "level"), [(None, "OK"), (1.0, "OK"), (20.0, "WARN"), (90.0, "FAIL")])
def test_a_queue_is_judged_by_the_age_of_its_oldest_row(age: float | None, level: str) -> None:
    checkups.register_backlog("inbox", lambda: age, warn=10, fail=60)
    assert examined()["inbox"].level == level


def test_the_command_prints_each_finding_with_its_remedy(heart: None) -> None:
    checkups.register("valve", lambda: Finding("WARN", "it drips", "Turn it."))
    text = run()
    assert "it drips" in text
    assert "-> Turn it." in text


def test_the_command_fails_if_anything_fails(heart: None) -> None:
    checkups.register("valve", lambda: Finding("FAIL", "it is gone"))
    with pytest.raises(SystemExit) as stop:
        run()
    assert stop.value.code == 1


def test_the_command_speaks_json(heart: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "OWN", {"migrations": doctor.migrations})
    found: dict[str, Any] = json.loads(run("--json"))
    assert found["ok"] is True
    assert found["findings"]["migrations"]["level"] == "OK"


def run(*arguments: str) -> str:
    output = io.StringIO()
    durability = doctor.OWN.pop("durability", None)  # the test server runs without fsync
    try:
        call_command("doctor", *arguments, stdout=output)
    finally:
        if durability:
            doctor.OWN["durability"] = durability
    return output.getvalue()
