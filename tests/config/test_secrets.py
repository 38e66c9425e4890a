"""Are secrets made once, kept private, and refused when they protect nothing?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config import env, secrets


@pytest.fixture(autouse=True)
def no_secrets_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in secrets.NAMES:
        monkeypatch.delenv(name, raising=False)


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    first = secrets.load(tmp_path)
    assert secrets.load(tmp_path) == first
    assert set(first) == set(secrets.NAMES)


def test_nobody_else_may_read_them(tmp_path: Path) -> None:
    secrets.load(tmp_path)
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a-long-enough-secret-of-our-own-0123456789")
    assert secrets.load(tmp_path)["SECRET_KEY"].startswith("a-long-enough")


@pytest.mark.scenario("T-91")
@pytest.mark.parametrize("value", ["short", "x" * 64, "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"])
def test_a_weak_secret_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("STAFF_JWT_KEY", value)
    with pytest.raises(env.BadEnvironment, match="STAFF_JWT_KEY"):
        secrets.load(tmp_path)


@pytest.mark.scenario("T-91")
def test_a_secret_with_two_purposes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELD_KEY", "one-value-for-two-purposes-0123456789abc")
    monkeypatch.setenv("BLIND_INDEX_KEY", "one-value-for-two-purposes-0123456789abc")
    with pytest.raises(env.BadEnvironment, match="shared with another purpose"):
        secrets.load(tmp_path)
