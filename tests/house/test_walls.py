"""Do the walls of `.importlinter` hold? Each contract is seen to fail on a planted import."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("common", "customers", "conversations", "handover", "channels_app", "analytics", "config")

# contract -> (file to plant in, the import that must be refused)
PLANTS = {
    "stack": ("customers/identity.py", "import conversations.threads"),
    "doors": ("handover/models/team.py", "import handover.admin"),
    "engine": ("conversations/journeys/engine.py", "import django.db"),
    "adapters-pure": ("channels_app/adapters/base/contract.py", "import channels_app.models"),
    "adapters-siblings": ("channels_app/adapters/web.py", "import channels_app.adapters.whatsapp"),
    "adapters-door": ("channels_app/models.py", "import channels_app.adapters.base.wire"),
    "no-web-in-actions": ("conversations/outbox.py", "import rest_framework.views"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages and of the contracts."""
    copy = tmp_path_factory.mktemp("house")
    for app in APPS:
        shutil.copytree(ROOT / app, copy / app, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", copy)
    return copy


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-logo"], cwd=house, capture_output=True, text=True, check=False)


def contracts() -> dict[str, str]:
    """The names of the contracts by id."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): parser[name]["name"] for name in parser.sections() if name.startswith(prefix)}


def test_the_house_as_it_stands_keeps_every_contract(house: Path) -> None:
    found = lint(house)
    assert found.returncode == 0, found.stdout


def test_every_contract_has_a_plant() -> None:
    assert set(contracts()) == set(PLANTS)


@pytest.mark.parametrize("contract", PLANTS)
def test_a_planted_import_breaks_its_contract(house: Path, contract: str) -> None:
    path, statement = PLANTS[contract]
    source = (house / path).read_text()
    (house / path).write_text(f"{source}\n{statement}\n")
    try:
        found = lint(house)
    finally:
        (house / path).write_text(source)
    assert found.returncode == 1
    assert f"{contracts()[contract]} BROKEN" in " ".join(found.stdout.split())
