"""Is the documentation true where a machine can tell: links, settings, commands, codes?"""

from __future__ import annotations

import ast
import re
import subprocess
import textwrap
from pathlib import Path

import pytest

from config import handover, secrets
from conversations.journeys import lint, schema, shapes, templates
from tests.house import reference

ROOT = reference.ROOT
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
READERS = {"text", "flag", "number", "decimal", "words"}


def targets(page: Path) -> list[str]:
    """The relative links of a page, without anchors."""
    links = LINK.findall(re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL))
    return [link.split("#")[0] for link in links if not re.match(r"^(https?:|mailto:|#)", link)]


@pytest.mark.parametrize("page", [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES])
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert [link for link in targets(page) if not (page.parent / link).exists()] == []


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link).resolve() for link in targets(index)}
    pages = {page for page in PAGES if page != index and "adr" not in page.parts}
    assert {page.relative_to(ROOT).as_posix() for page in pages - linked} == set()


def variables() -> set[str]:
    """Every name that the code asks `config.env` for."""
    found = set(secrets.NAMES) | {f"HANDOVER_{name}" for name in handover.DEFAULTS}
    for path in (ROOT / "config").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_read = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS
            if is_read and getattr(node.func.value, "id", "") == "env" and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def test_every_variable_is_described_and_no_other() -> None:
    page = (reference.PAGES / "settings.md").read_text()
    described = set(re.findall(r"^\| `([A-Z_]+)`", page, flags=re.MULTILINE))
    assert described == variables()


def commands() -> set[str]:
    files = subprocess.run(
        ["git", "ls-files", "*/management/commands/*.py", "bin"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return {Path(name).stem for name in files} - {"__init__"}


def test_every_command_is_described_and_no_other() -> None:
    page = (reference.PAGES / "commands.md").read_text()
    described = set(re.findall(r"^### `(?:\./bin/|manage\.py )([\w-]+)", page, flags=re.MULTILINE))
    assert described == commands()


def test_the_table_of_problems_is_up_to_date() -> None:
    assert (reference.PAGES / "problems.md").read_text() == reference.problems(), "run ./bin/reference"


def test_every_problem_has_a_code_of_its_own() -> None:
    nameless = {one.__name__ for one in reference.classes() if one.code == "problem"}
    assert nameless == {"FrameRefused", "TokenRefused"}, "these take their codes from tables that the page lists"


def test_the_journey_of_the_guide_can_be_published() -> None:
    guide = (ROOT / "docs" / "how-to" / "write-a-journey.md").read_text()
    block = re.search(r"```yaml\n(.*?)```", guide, flags=re.DOTALL)
    assert block is not None
    assert [finding.message for finding in lint.check(textwrap.dedent("   " + block[1].lstrip(" "))).findings] == []


def test_every_step_type_filter_and_rule_of_the_language_is_described() -> None:
    page = (reference.PAGES / "journey-language.md").read_text()
    sources = (ROOT / "conversations" / "journeys").glob("rules_*.py")
    rules = {rule for path in sources for rule in re.findall(r'"(L\d+)"', path.read_text())}
    described = set(re.findall(r"^\| (L\d+) \|", page, flags=re.MULTILINE))
    assert described == rules
    words = set(re.findall(r"[a-z_]+", page))
    fields = {name for own, _ in shapes.OWN.values() for name in own} | set(shapes.COMMON) | set(shapes.TOP)
    parts = (shapes.EXPECT, shapes.POLICY, shapes.TRIGGER, shapes.VAR, shapes.SEND, shapes.RETRY)
    fields |= {name for part in parts for name in part["properties"]}
    assert ({*schema.TYPES, *templates._FILTERS, *fields} - words) == set()
