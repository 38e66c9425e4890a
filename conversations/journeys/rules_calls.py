"""Do requests, tasks, waits and switches ask for what can be had, in a way that is safe? Rules L7, L10 and L14."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conversations.journeys.findings import Path, Problem, Subject

NOT_IDEMPOTENT = ("POST", "PATCH")
_NEVER = ("..", "//", "@", "\\", "?", "#")


def problems(subject: Subject) -> Iterator[Problem]:
    """Connections that must exist, calls that may not be sent twice, jobs without an end, waits for nothing."""
    for number, step in subject.numbered():
        for rule in _BY_TYPE.get(step["type"], ()):
            yield from rule(subject, step, ("steps", number))


def _connection(subject: Subject, step: Mapping[str, Any], where: Path) -> Iterator[Problem]:
    known, key = subject.known.connections, step["connection"]
    if known is not None and key not in known:
        message = f"connection '{key}' of '{step['id']}' does not exist or is switched off"
        yield Problem("L7", message, "Create it under Connections, or correct the name.", (*where, "connection"))
    for field in ("send", "cancel"):
        send = step.get(field)
        if send is None:
            continue
        if known and known.get(key) and send["method"] not in known[key]:
            message = f"connection '{key}' does not allow {send['method']}, which '{step['id']}' sends"
            yield Problem("L7", message, f"It allows {', '.join(sorted(known[key]))}.", (*where, field, "method"))
        yield from _path(step, send["path"], (*where, field, "path"))


def _path(step: Mapping[str, Any], path: str, where: Path) -> Iterator[Problem]:
    """What the client would refuse in any case (section 11, rule 1) is said while it is written."""
    first, *rest = path.split("{{")
    fixed = first + "".join("x" + part.rpartition("}}")[2] for part in rest)  # a value is no slash
    found = [part for part in _NEVER if part in fixed]
    if found or any(ord(char) < 32 for char in fixed):
        message = f"the path of '{step['id']}' may not hold {' '.join(found) or 'control characters'}"
        yield Problem("schema", message, "A path only: the host is the connection's, a query goes in `query:`.", where)


def _retry(subject: Subject, step: Mapping[str, Any], where: Path) -> Iterator[Problem]:
    method = step["send"]["method"]
    twice = step.get("retry", {}).get("attempts", 1 if "retry" not in step else 2) > 1
    if twice and method in NOT_IDEMPOTENT and step.get("idempotent") is not True:
        message = f"'{step['id']}' would send {method} again, which might be done twice"
        remedy = "Add `idempotent: true` if the other system knows Idempotency-Key, or take `retry` away."
        yield Problem("L10", message, remedy, (*where, "retry"))


def _ends(subject: Subject, step: Mapping[str, Any], where: Path) -> Iterator[Problem]:
    if "deadline" not in step:
        message = f"'{step['id']}' may run for ever"
        yield Problem("L14", message, "Add `deadline:`, for example 15m.", where)
    missing = [name for name in ("failed", "timeout") if name not in step.get("on", {})]
    if missing:
        message = (
            f"'{step['id']}' does not say what follows when it has {' or '.join(_ENDED[name] for name in missing)}"
        )
        remedy = f"Add `on: {{{', '.join(f'{name}: ...' for name in missing)}}}`."
        yield Problem("L14", message, remedy, where)


_ENDED = {"failed": "failed", "timeout": "not ended in time"}


def _wait(subject: Subject, step: Mapping[str, Any], where: Path) -> Iterator[Problem]:
    given = [name for name in ("for", "until", "event") if name in step]
    if len(given) != 1:
        message = f"'{step['id']}' must wait for one thing" + (f", not for {' and '.join(given)}" if given else "")
        yield Problem("schema", message, "Write one of `for: 10m`, `until: business_hours`, `event: ...`.", where)


def _switch(subject: Subject, step: Mapping[str, Any], where: Path) -> Iterator[Problem]:
    kinds = {channel.kind for channel in subject.known.channels}
    for index, kind in enumerate(step.get("switch", ())):
        if kinds and kind not in kinds:
            message = f"'{step['id']}' leads to the channel '{kind}', which there is not"
            yield Problem("L7", message, f"Known are {', '.join(sorted(kinds))}.", (*where, "switch", index))


_BY_TYPE = {
    "request": (_connection, _retry),
    "task": (_connection, _ends),
    "wait": (_wait,),
    "message": (_switch,),
}
