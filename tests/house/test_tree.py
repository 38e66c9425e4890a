"""Is the tree clean? No paths of somebody's machine, no secrets, no data, no forbidden kinds of modules."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written in pieces, so that this file does not hold what it forbids.
MACHINE_PATHS = re.compile(
    "|".join(["/ro" + "ot/", "/ho" + "me/[a-z]", "/Us" + "ers/[a-z]", "/wo" + "rk/", "/tmp/te" + "am"])
)
FORBIDDEN_MODULES = {"utils", "helpers", "services", "managers"}
FORBIDDEN_CLASSES = re.compile(r"^class \w+(Manager|Helper|Util|Service)\b", re.MULTILINE)
APPS = ("common", "customers", "conversations", "handover", "channels_app", "analytics", "config")
TEXT = {".py", ".md", ".html", ".js", ".css", ".yml", ".yaml", ".toml", ".txt", ".ini", ".json", ".sh", ""}


def tracked() -> list[Path]:
    """The files that git knows."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(line) for line in listed.splitlines() if (ROOT / line).is_file()]


def modules() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and path.parts[0] in APPS]


def test_no_file_names_a_path_of_a_machine() -> None:
    texts = [path for path in tracked() if path.suffix in TEXT and "vendor" not in path.parts]
    found = [str(path) for path in texts if MACHINE_PATHS.search((ROOT / path).read_text())]
    assert found == []


def test_no_data_or_secret_is_tracked() -> None:
    found = [str(path) for path in tracked() if path.name in (".env", "secrets.json") or path.parts[0] == ".data"]
    assert found == []


@pytest.mark.parametrize("name", sorted(FORBIDDEN_MODULES))
def test_no_module_is_named_for_nothing(name: str) -> None:
    assert [str(path) for path in modules() if path.stem == name] == []


def test_no_class_is_named_for_nothing() -> None:
    found = [str(path) for path in modules() if FORBIDDEN_CLASSES.search((ROOT / path).read_text())]
    assert found == []


def test_every_module_says_its_question_in_one_docstring() -> None:
    empty = [path for path in modules() if path.name != "__init__.py" and "migrations" not in path.parts]
    assert [str(path) for path in empty if not (ROOT / path).read_text().startswith('"""')] == []
