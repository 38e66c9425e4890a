"""How does an author's text become the version that new runs take? Draft, lint, an immutable row; and what is live."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from django.db import transaction

from common import clock
from common.problems import Problem
from conversations.journeys import definition as definitions
from conversations.journeys import lint, triggers, upgrades
from conversations.journeys.definition import Definition
from conversations.journeys.edges import followers
from conversations.models import Connection, Journey, JourneyVersion
from customers import definitions as attribute_definitions

log = logging.getLogger(__name__)

LIBRARY = Path(__file__).parent / "library"
FROM_LIBRARY = "from the library"
LIVE_FOR = 2.0  # seconds until a publication by another process is seen here


class Refused(Problem):
    """The text has errors; `extra["findings"]` names each with its line."""

    code = "journey_refused"
    title = "This journey has errors and cannot be published."
    status = 422


Names = Callable[[], Collection[str]]

_names: dict[str, Names] = {}
_live: tuple[float, dict[str, int]] | None = None


def know(kind: Literal["queues", "skills", "intakes"], names: Names) -> None:
    """Lets an app above say what a journey may name; called in `AppConfig.ready`."""
    _names[kind] = names


def check(text: str, *, also: Iterable[str] = ()) -> lint.Checked:
    """What the linter says about a text, given what exists now; `also` are journeys that are about to exist."""
    journeys = {*Journey.objects.filter(is_enabled=True).values_list("key", flat=True), *also}
    live_now = table()
    known = lint.Known(
        journeys=frozenset(journeys),
        keywords={word: started.journey for word, started in live_now.keywords.items()},
        links={word: started.journey for word, started in live_now.links.items()},
        events={word: started.journey for word, started in live_now.events.items()},
        starts=live_now.start.journey if live_now.start else "",
        pii=frozenset(key for key, found in attribute_definitions.every().items() if found.is_personal),
        runs=_runs(),
        follows=_follows(),
        connections={row.key: frozenset(row.methods) for row in Connection.objects.filter(is_enabled=True)},
        queues=_known("queues"),
        skills=_known("skills"),
        intakes=_known("intakes") or frozenset(),
    )
    return lint.check(text, known)


def _runs() -> dict[str, frozenset[str]]:
    """The journeys that each live journey runs beneath it."""
    steps = {key: definition(pk).steps.values() for key, pk in live().items()}
    return {
        key: frozenset(step.data["run"] for step in found if step.type == "journey") for key, found in steps.items()
    }


def _follows() -> dict[str, frozenset[str]]:
    """The journeys that come after each live journey before anybody was asked."""
    versions = {key: definition(pk) for key, pk in live().items()}
    return {
        key: followers([step.data for step in version.steps.values()], version.vars)
        for key, version in versions.items()
    }


def _known(kind: str) -> frozenset[str] | None:
    return frozenset(_names[kind]()) if kind in _names else None


def publish(*, text: str, by: Any = None, notes: str = "", also: Iterable[str] = (), only: str = "") -> JourneyVersion:
    """Makes the text the live version of its journey, or raises `Refused`; the same definition again adds no row.

    With `only`, the text of another journey than this key is refused.
    """
    data, sha256 = canonical(text=text, also=also, only=only)
    with transaction.atomic():
        journey, _ = Journey.objects.get_or_create(key=data["journey"], defaults={"title": data["title"]})
        journey = Journey.objects.select_for_update(no_key=True).get(pk=journey.pk)
        version = _version(journey, data, sha256, text, by, notes)
        if journey.draft != text:
            journey.draft_revision, journey.draft_at, journey.draft_by = journey.draft_revision + 1, clock.now(), by
        journey.live_version, journey.title, journey.draft = version, data["title"], text
        changed = ["live_version", "title", "draft", "draft_revision", "draft_at", "draft_by", "updated_at"]
        journey.save(update_fields=changed)
        transaction.on_commit(forget)
    forget()
    return version


def canonical(*, text: str, also: Iterable[str] = (), only: str = "") -> tuple[dict[str, Any], str]:
    """The data of a text that can be published, and its digest; `Refused` names every error with its line."""
    checked = check(text, also=also)
    if checked.data is None:
        rows = [{"rule": f.rule, "line": f.line, "message": f.message, "remedy": f.remedy} for f in checked.errors]
        raise Refused("; ".join(f"line {row['line']}: {row['message']}" for row in rows), findings=rows)
    if only and checked.data["journey"] != only:
        raise Refused(f"the text is that of the journey {checked.data['journey']}, not of {only}", findings=[])
    return checked.data, checked.sha256


def load_library() -> list[JourneyVersion]:
    """Publishes every journey that comes with the product, unless that text is live already or somebody changed it.

    One that cannot go live here stays a draft, and the log says why: its back end is not connected, or a journey of
    yours has its keyword.
    """
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(LIBRARY.glob("*.yaml"))}
    found = (_from_library(key, text, texts) for key, text in texts.items() if not _is_own(key))
    return [version for version in found if version is not None]


def _from_library(key: str, text: str, also: Iterable[str]) -> JourneyVersion | None:
    try:
        return publish(text=text, notes=FROM_LIBRARY, also=also)
    except Refused as refused:
        log.warning("the library journey %s stays a draft: %s", key, refused.detail)
        Journey.objects.get_or_create(key=key, defaults={"title": key.replace("_", " ").capitalize(), "draft": text})
        return None


def _is_own(key: str) -> bool:
    """Has somebody here written a draft or a version of this journey of the library?"""
    journey = Journey.objects.filter(key=key).first()
    if journey is None:
        return False
    newest = journey.versions.order_by("-number").first()
    if newest is None:  # it waited for a connection, or somebody has begun it
        return journey.draft != (LIBRARY / f"{key}.yaml").read_text(encoding="utf-8")
    return newest.notes != FROM_LIBRARY or newest.source != journey.draft


def live() -> dict[str, int]:
    """The live versions by journey key; read at most every two seconds."""
    global _live
    if _live is None or time.monotonic() - _live[0] > LIVE_FOR:
        rows = Journey.objects.filter(is_enabled=True, live_version__isnull=False).order_by("key")
        _live = (time.monotonic(), dict(rows.values_list("key", "live_version_id")))
    return _live[1]


def forget() -> None:
    """What was remembered as live is read again at the next question."""
    global _live
    _live = None


@lru_cache(maxsize=512)
def definition(version_id: int) -> Definition:
    """The compiled definition of a version, in today's language; versions never change, so it is kept."""
    data, written = JourneyVersion.objects.values_list("definition", "schema_version").get(pk=version_id)
    return definitions.compile(upgrades.upgraded(data, written=written))


def table() -> triggers.Table:
    """Every word that starts a live journey."""
    return _table(tuple(live().values()))


@lru_cache(maxsize=8)
def _table(version_ids: tuple[int, ...]) -> triggers.Table:
    return triggers.table([definition(pk) for pk in version_ids])


def _version(journey: Journey, data: dict[str, Any], sha256: str, text: str, by: Any, notes: str) -> JourneyVersion:
    latest = journey.versions.filter(number__gt=JourneyVersion.TRIAL).order_by("-number").first()
    if latest and latest.sha256 == sha256:
        return latest
    return JourneyVersion.objects.create(
        journey=journey,
        number=latest.number + 1 if latest else 1,
        definition=data,
        source=text,
        sha256=sha256,
        schema_version=definitions.SCHEMA_VERSION,
        published_by=by,
        published_at=clock.now(),
        notes=notes,
    )
