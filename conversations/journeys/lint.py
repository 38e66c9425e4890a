"""Is this text a valid journey? One linter behind every door: editor, admin, command, API.

`check` reads YAML, then the shape, then rules L1-L19. A draft may have errors; publishing refuses them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conversations import capabilities
from conversations.journeys import (
    definition,
    loader,
    rules_calls,
    rules_fit,
    rules_graph,
    rules_kinds,
    rules_words,
    schema,
)
from conversations.journeys.findings import Finding, Known, Path, Problem, Subject

__all__ = ["Checked", "Finding", "Known", "check", "lint"]
NOTHING_KNOWN = Known()
BEGIN = "Begin with `journey:`, `title:` and `steps:`."


@dataclass(frozen=True, slots=True)
class Checked:
    """The canonical data of a text (None while it has errors), its digest, and everything that was found."""

    data: dict[str, Any] | None
    sha256: str
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "error")


def check(text: str, known: Known = NOTHING_KNOWN) -> Checked:
    """Read and examine a YAML text; any text at all gives findings, never an exception."""
    try:
        loaded = loader.load(text)
    except loader.LoadRefused as error:
        return Checked(None, "", (Finding("yaml", "error", error.message, error.remedy, line=error.line),))
    if loaded.data is None:
        return Checked(None, "", (Finding("yaml", "error", "the text is empty", BEGIN, line=1),))
    findings = tuple(lint(loaded.data, known, loaded.lines))
    if any(finding.level == "error" for finding in findings):
        return Checked(None, "", findings)
    return Checked(loaded.data, definition.digest(loaded.data), findings)


def lint(data: Any, known: Known = NOTHING_KNOWN, lines: Mapping[Path, int] | None = None) -> list[Finding]:
    """Everything that is wrong with data of any kind, in the order of its lines; errors before warnings on a line."""
    lines = lines or {}
    found = [
        Finding(p.rule, p.level, p.message[:500], p.remedy, _step_id(data, p.path), line_of(p.path, lines))
        for p in _problems(data, known)
    ]
    return sorted(found, key=lambda finding: (finding.line, finding.level, finding.rule, finding.message))


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of a path, or of the nearest thing around it; 0 without a text."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 0)


def _problems(data: Any, known: Known) -> Iterator[Problem]:
    shape = [
        Problem("schema", message, "See the list of step types and fields.", path)
        for path, message in schema.errors(data)
    ]
    yield from shape
    if shape:
        return
    channels = known.channels or capabilities.all_registered()
    subject = Subject(data, replace(known, channels=channels))
    yield from rules_graph.problems(subject)
    yield from rules_words.problems(subject)
    yield from rules_calls.problems(subject)
    yield from rules_kinds.problems(subject)
    yield from rules_fit.problems(subject)


def _step_id(data: Any, path: Path) -> str:
    if len(path) < 2 or path[0] != "steps" or not isinstance(data, dict):
        return ""
    steps, number = data.get("steps"), path[1]
    if not isinstance(steps, list) or not isinstance(number, int) or not isinstance(steps[number], dict):
        return ""
    return str(steps[number].get("id", ""))
