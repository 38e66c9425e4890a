"""Does `manage.py lint_journey` say what is wrong, where, and with which exit code?"""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from conversations.models import Journey

pytestmark = pytest.mark.django_db
GOOD = "journey: good\ntitle: Good\nsteps:\n  - {id: bye, type: end}\n"
BAD = GOOD.replace("{id: bye, type: end}", "{id: bye, type: message, text: x, next: gone}")


def run(*words: str) -> tuple[str, int]:
    """What was printed, and the exit code."""
    out = StringIO()
    try:
        call_command("lint_journey", *words, stdout=out, stderr=StringIO())
    except SystemExit as ended:
        return out.getvalue(), int(ended.code or 0)
    return out.getvalue(), 0


def written(folder: Path, text: str) -> str:
    path = folder / "one.yaml"
    path.write_text(text)
    return str(path)


def test_a_file_with_errors_is_told_by_line_and_ends_with_one(tmp_path: Path) -> None:
    path = written(tmp_path, BAD)
    said, code = run(path)
    assert code == 1
    assert said.startswith(f"{path}:4: error L2: 'next' of 'bye' leads to 'gone'")


def test_a_file_without_errors_ends_with_nought(tmp_path: Path) -> None:
    assert run(written(tmp_path, GOOD)) == ("", 0)


def test_json_has_every_field(tmp_path: Path) -> None:
    said, code = run(written(tmp_path, BAD), "--json")
    found: list[dict[str, Any]] = json.loads(said)
    assert (code, found[0]["findings"][0]["rule"]) == (1, "L2")
    assert set(found[0]["findings"][0]) == {"rule", "level", "message", "remedy", "step", "line"}


def test_without_a_name_it_looks_at_every_draft_and_the_library() -> None:
    Journey.objects.create(key="mine", title="Mine", draft=BAD.replace("good", "mine"))
    said, code = run("--json")
    names = [row["source"] for row in json.loads(said)]
    assert (names[0], code, "library/order_chair.yaml" in names) == ("mine", 1, True)


def test_a_draft_is_named_by_its_key_and_a_stranger_is_an_error() -> None:
    Journey.objects.create(key="mine", title="Mine", draft=GOOD)
    assert run("mine") == ("", 0)
    with pytest.raises(CommandError):
        run("nobody")
