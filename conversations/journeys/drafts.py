"""How is a draft written, and how do two authors not overwrite each other? Every change carries what its author saw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from common import clock
from common.problems import Problem
from conversations.journeys import loader, publishing, reading, rewording, translating
from conversations.journeys.findings import Finding
from conversations.models import Journey, JourneyVersion

MOST = loader.MAX_BYTES
KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Changed(Problem):
    """Somebody else saved since; `extra["revision"]` is the draft's now, and nothing was written."""

    code = "draft_changed"
    title = "The draft was changed since you read it."
    status = 412


class Unfit(Problem):
    """What was given cannot be kept as a draft at all."""

    code = "draft_unfit"
    title = "This cannot be kept as a draft."
    status = 422


class Unpublished(Problem):
    """The draft has changes that no version holds; `journey` is whose, and nothing was written."""

    code = "draft_unpublished"
    title = "The draft there has changes that were never published."
    status = 412

    def __init__(self, journey: Journey) -> None:
        super().__init__()
        self.journey = journey


Translated = Mapping[str, Mapping[str, str]]


def findings(text: str, key: str) -> tuple[Finding, ...]:
    """Everything that is wrong with a text as the draft of this journey, which is known before it is published."""
    found = publishing.check(text, also=[key]).findings
    try:
        loaded = loader.load(text)
    except loader.LoadRefused:
        return found
    named = loaded.data.get("journey") if isinstance(loaded.data, dict) else None
    if not isinstance(named, str) or named == key:
        return found
    line = loaded.lines[("journey",)]
    message = f"this is the journey '{key}', and the text is that of '{named[:64]}'"
    other = Finding("schema", "error", message, f"Write `journey: {key}`, or begin a new journey.", line=line)
    return tuple(sorted((*found, other), key=lambda finding: finding.line))


def save(*, journey_id: int, text: str, seen: int, by: Any, translated: Translated | None = None) -> Journey:
    """Keeps any text, broken or not, as the draft; `Changed` unless `seen` is the revision that it had.

    `translated`: what translations were made of, where an import knows better than the words that stand there now.
    """
    _refuse_unfit(text)
    with transaction.atomic():
        journey = Journey.objects.select_for_update(no_key=True).get(pk=journey_id)
        if journey.draft_revision != seen:
            raise Changed(revision=journey.draft_revision)
        if text != journey.draft or translated is not None:
            _write(journey, text, by, translated)
    return journey


def _write(journey: Journey, text: str, by: Any, translated: Translated | None) -> None:
    before, after = reading.shaped(journey.draft), reading.shaped(text)
    if after is not None:
        known = translating.followed(before.data if before else None, after.data, journey.translated)
        for language, made_of in (translated or {}).items():
            known[language] = {**known.get(language, {}), **made_of}
        journey.translated = known
    journey.draft, journey.draft_by, journey.draft_at = text, by, clock.now()
    journey.draft_revision += 1
    journey.save(
        update_fields=["draft", "draft_by", "draft_at", "draft_revision", "translated", "updated_at"],
    )


def begin(*, key: str, title: str, by: Any, text: str = "") -> Journey:
    """A new journey with a draft; `Unfit` if the key is taken or is none."""
    _refuse_unfit(text)
    journey = Journey(key=key, title=title or key, draft=text or blank(key, title), draft_by=by, draft_at=clock.now())
    journey.draft_revision = 1
    try:
        journey.clean_fields(exclude=["live_version"])
        with transaction.atomic():
            journey.save(force_insert=True)
    except ValidationError as error:
        raise Unfit("; ".join(error.messages)) from None
    except IntegrityError:
        raise Unfit(f"there is a journey {key} already") from None
    return journey


def take_in(*, text: str, by: Any) -> tuple[Journey, bool]:
    """A journey from a file: the draft of the journey that it names, a new one or (False) one that is there already.

    What is live stays live until somebody publishes. Of a draft that is replaced nothing is kept but the versions, so
    `Unpublished` if it has more than they have: its author's text and this one must be looked at side by side.
    """
    try:
        data = loader.load(text).data
    except loader.LoadRefused as refused:
        raise Unfit(f"line {refused.line}: {refused.message}") from None
    key = data.get("journey") if isinstance(data, dict) else None
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Unfit("the file does not say which journey it is: `journey: <key>`")
    known = Journey.objects.filter(key=key).first()
    if known is not None:
        published = known.versions.filter(number__gt=JourneyVersion.TRIAL)
        if known.draft != text and not published.filter(source=known.draft).exists():
            raise Unpublished(known)
        return save(journey_id=known.pk, text=text, seen=known.draft_revision, by=by), False
    return begin(key=key, title=str(data.get("title") or key)[:120], by=by, text=text), True


def put_back(*, journey_id: int, version: JourneyVersion, seen: int, by: Any) -> Journey:
    """An older version's text is the draft again; `Changed` if somebody saved since `seen`."""
    return save(journey_id=journey_id, text=version.source, seen=seen, by=by)


def duplicate(*, journey: Journey, key: str, title: str, by: Any) -> Journey:
    """Another journey with the same draft under a new key; its triggers must be changed before it can be published."""
    text = renamed(journey.draft, key, title)
    return begin(key=key, title=title, by=by, text=text)


def renamed(text: str, key: str, title: str) -> str:
    """The text with another key and title; `Unfit` if they cannot be found in it."""
    loaded = reading.shaped(text)
    if loaded is None:
        raise Unfit("the draft has not the shape of a journey yet")
    for name, value in (("journey", key), ("title", title)):
        text = translating.with_block(text, name, f"{name}: {rewording.quoted(value)}\n")
    return text


def blank(key: str, title: str) -> str:
    """What a new journey begins with: it can be published as it is."""
    name = rewording.quoted(title or key)
    return f"""journey: {key}
title: {name}
languages: [en]
triggers: [{{keyword: [{key}]}}]
steps:
  - {{id: hello, type: message, text: "Hello!"}}
  - {{id: bye, type: end, text: "Anything else? Write *menu*."}}
"""


def _refuse_unfit(text: str) -> None:
    if len(text.encode("utf-8", "replace")) > MOST:
        raise Unfit(f"larger than {MOST // 1024} KiB")
    if "\x00" in text:
        raise Unfit("it holds a NUL character")
