"""Is the environment read strictly? A bad value names its variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import env


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("YES", True), ("off", False), ("", False)])
def test_a_flag_is_read(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("FLAG", value)
    assert env.flag("FLAG") is expected


def test_a_bad_flag_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAG", "maybe")
    with pytest.raises(env.BadEnvironment, match=r"FLAG.*'maybe'"):
        env.flag("FLAG")


def test_a_bad_number_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTS", "many")
    with pytest.raises(env.BadEnvironment, match=r"PORTS.*'many'"):
        env.number("PORTS", 1)


def test_a_file_wins_over_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from file\n")
    monkeypatch.setenv("PASSWORD", "from variable")
    monkeypatch.setenv("PASSWORD_FILE", str(tmp_path / "password"))
    assert env.text("PASSWORD") == "from file"


def test_a_missing_file_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PASSWORD_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(env.BadEnvironment, match="PASSWORD_FILE"):
        env.text("PASSWORD")


def test_words_are_split_and_stripped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", " a.example , ,b.example")
    assert env.words("HOSTS") == ["a.example", "b.example"]
