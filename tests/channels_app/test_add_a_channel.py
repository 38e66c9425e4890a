"""Does the page "Add a channel" work? Its code becomes files of a copy of the project, and keeps every promise."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(settings.BASE_DIR)
PAGE = ROOT / "docs" / "how-to" / "add-a-channel.md"
FILE = re.compile(r"^\*\*`(?P<path>[^`]+)`\*\*\n\n```python\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)
TOPS = (
    "analytics", "channels_app", "common", "config", "conversations", "customers", "handover", "static", "templates",
    "tests", "manage.py", "pyproject.toml", ".importlinter",
)  # fmt: skip
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """The files of the page, by their paths."""
    return {found["path"]: found["code"] for found in FILE.finditer(PAGE.read_text())}


@pytest.fixture(scope="module")
def copy(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with these files, and nothing else changed."""
    place = tmp_path_factory.mktemp("checkout")
    unwanted = shutil.ignore_patterns("__pycache__", "staticfiles", ".data")
    for top in TOPS:
        if (ROOT / top).is_dir():
            shutil.copytree(ROOT / top, place / top, ignore=unwanted)
        else:
            shutil.copy(ROOT / top, place / top)
    for path, code in files.items():
        assert not (place / path).exists()
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(code)
    return place


def run(copy: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=copy, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return done.stdout


def test_the_page_is_one_adapter_and_one_emulator(files: dict[str, str]) -> None:
    assert list(files) == ["channels_app/adapters/pigeon.py", "channels_app/sandbox/pigeon_emulator/__init__.py"]


def test_its_code_is_as_clean_as_ours(copy: Path, files: dict[str, str]) -> None:
    run(copy, "ruff", "check", *files)
    run(copy, "ruff", "format", "--check", *files)


def test_its_adapter_keeps_every_promise(copy: Path) -> None:
    command = ["pytest", "-q", "-p", "no:cacheprovider", "tests/channels_app/test_conformance.py", "-k", "pigeon"]
    held = connection.settings_dict
    database = f"postgresql://{held['USER']}:{held['PASSWORD']}@/postgres?host={held['HOST']}&port={held['PORT']}"
    said = run(copy, *command, DATABASE_URL=database, TEST_DB_NAME=f"{held['NAME']}_pigeon")
    assert "passed" in said and int(said.split(" passed")[0].split()[-1]) > 15
