"""Does Throughline refuse a database that may forget what it acknowledged?"""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from pytest_django import Settings

from config import durability

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def as_in_production(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test server itself may run with fsync off; a session can only change synchronous_commit."""
    settings.ALLOW_UNSAFE_DATABASE = False
    monkeypatch.setattr(durability, "UNSAFE", {"synchronous_commit": ("off", "local")})


def commit(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL synchronous_commit = {value}")


def test_a_safe_database_is_taken() -> None:
    commit("on")
    durability.refuse_unsafe()


@pytest.mark.scenario("T-91")
@pytest.mark.parametrize("value", ["off", "local"])
def test_an_unsafe_commit_is_refused_by_name(value: str) -> None:
    commit(value)
    with pytest.raises(durability.UnsafeDatabase, match=f"synchronous_commit={value}"):
        durability.refuse_unsafe()


@pytest.mark.scenario("T-91")
def test_the_system_check_names_it_too() -> None:
    commit("off")
    with pytest.raises(SystemCheckError, match="synchronous_commit=off"):
        call_command("check", databases=["default"])


def test_a_test_database_may_be_allowed(settings: Settings) -> None:
    settings.ALLOW_UNSAFE_DATABASE = True
    commit("off")
    durability.refuse_unsafe()
