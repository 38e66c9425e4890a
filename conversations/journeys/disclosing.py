"""What of a request may its page show? Everything but people: each value that a private name had a part in is masked.

It is told by the author's text, place by place, and not by what the values look like: a template that reads a `pii`
var, or anything of the customer, is masked as a whole, whatever it made of it. A run may have moved to another version
since it asked: then what was private in any counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conversations.journeys import jsonpath, publishing
from conversations.journeys.calls import MASK
from conversations.journeys.definition import Definition, value_reads
from conversations.models import JourneyVersion, RunChange, WebRequest

LONGEST = 500  # characters of either side


def asked(row: WebRequest) -> str:
    """Method, path, query and body, masked and cut; only what the author wrote once the words are gone."""
    versions = _versions(row)
    send = _agreed(versions, row, "send")
    if send is None:
        return f"{(row.request or {}).get('method', '')} {MASK}".strip()
    if row.request is None:
        return f"{send.get('method', '')} {send.get('path', '')}".strip()
    hidden = _private(versions)
    said = f"{row.request['method']} {_path(str(send.get('path', '/')), row.request['path'], hidden)}"
    if row.request.get("query"):
        said += " ?" + _written(_masked(send.get("query"), row.request["query"], hidden))
    if row.request.get("body") is not None:
        said += " " + _written(_masked(send.get("body"), row.request["body"], hidden))
    return _cut(said)


def answered(row: WebRequest) -> str:
    """The answer's JSON: what is mapped to a private name is masked, and what no journey takes is not shown at all."""
    versions = _versions(row)
    wanted = _agreed(versions, row, "map")
    if row.response is None or wanted is None:
        return ""
    hidden = _private(versions)
    taken = {
        str(path): MASK if _is_private(target, hidden) else jsonpath.read(str(path), row.response)
        for target, path in wanted.items()
    }
    return _cut(_written(taken))


def private(version: Definition) -> frozenset[str]:
    """The dotted names of vars that are `pii`, or were worked out of one."""
    marked = {name for name, spec in version.vars.items() if spec.get("pii")}
    marked |= {step.var for step in version.steps.values() if step.var and step.data.get("pii")}
    found = {f"vars.{name}" for name in marked}
    sets = [pair for step in version.steps.values() if step.type == "set" for pair in step.data["set"].items()]
    while fresh := {name for name, raw in sets if name not in found and _reads_private(raw, frozenset(found))}:
        found |= fresh
    return frozenset(found)


def _versions(row: WebRequest) -> list[Definition]:
    """Which may have asked: the run's version, and where a publication may have moved the run, each before it."""
    run, number = row.run, row.run.version.number
    moves = RunChange.objects.filter(journey=run.version.journey_id, mode=RunChange.Mode.MIGRATE, last__gte=run.pk)
    if not moves.exists():
        return [publishing.definition(run.version_id)]
    before = JourneyVersion.objects.filter(journey=run.version.journey_id, number__gt=0, number__lte=number)
    return [publishing.definition(pk) for pk in before.order_by("-number").values_list("pk", flat=True)]


def _private(versions: Sequence[Definition]) -> frozenset[str]:
    return frozenset().union(*(private(version) for version in versions))


def _agreed(versions: Sequence[Definition], row: WebRequest, part: str) -> Mapping[str, Any] | None:
    """What the step says there; None if it is gone, or if the versions differ: nobody knows by which one it was."""
    found = [dict(step.data.get(part, {})) for one in versions if (step := one.steps.get(row.step_id))]
    return found[0] if found and all(other == found[0] for other in found) else None


def _path(template: str, filled: str, hidden: frozenset[str]) -> str:
    """Each placeholder is one segment, so both have the same segments; if not, nothing is shown."""
    wanted, found = template.split("/"), filled.split("/")
    if len(wanted) != len(found):
        return MASK
    pairs = zip(wanted, found, strict=True)
    return "/".join(_shown(text, value, hidden) for text, value in pairs)


def _masked(template: Any, value: Any, hidden: frozenset[str]) -> Any:
    """The value as filled in, masked where the template at its place reads something private."""
    if isinstance(template, Mapping) and isinstance(value, Mapping):
        return {name: _masked(template.get(name), part, hidden) for name, part in value.items()}
    if isinstance(template, list | tuple) and isinstance(value, list) and len(template) == len(value):
        return [_masked(wanted, part, hidden) for wanted, part in zip(template, value, strict=True)]
    return _shown(template, value, hidden)


def _shown(template: Any, value: Any, hidden: frozenset[str]) -> Any:
    """What the author wrote as it stands, and what was filled in, if nothing private had a part in it."""
    if template == value:
        return value
    is_filled = isinstance(template, str) and ("{{" in template or template.startswith("="))
    return value if is_filled and not _reads_private(template, hidden) else MASK


def _reads_private(text: Any, hidden: frozenset[str]) -> bool:
    return any(_is_private(name, hidden) for name in value_reads(text))


def _is_private(name: str, hidden: frozenset[str]) -> bool:
    root = name.partition(".")[0]
    return root in ("customer", "context") or ".".join(name.split(".")[:2]) in hidden


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
