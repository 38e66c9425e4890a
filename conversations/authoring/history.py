"""Which versions had a journey, how do they differ, and how is one put back into the draft?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from common.problems import Problem
from conversations.authoring import frame
from conversations.journeys import comparing, drafts
from conversations.models import Journey, JourneyRun, JourneyVersion

DRAFT = "draft"


@require_GET
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Every version, and how the two that are chosen differ; at first the newest and the draft."""
    journey = frame.journey(request, key)
    is_open = Q(runs__status__in=JourneyRun.OPEN)
    rows = journey.versions.filter(number__gt=JourneyVersion.TRIAL).select_related("published_by")
    versions = list(rows.annotate(open_runs=Count("runs", filter=is_open)).order_by("-number"))
    newest = str(versions[0].number) if versions else DRAFT
    old, new = request.GET.get("old", newest), request.GET.get("new", DRAFT)
    side = request.GET.get("as") == "side"
    texts = [_source(journey, versions, name) for name in (old, new)]
    compare = comparing.side_by_side if side else comparing.unified
    rows_shown = compare(texts[0], texts[1]) if texts[0] is not None and texts[1] is not None else []
    context: dict[str, Any] = {"versions": versions, "old": old, "new": new, "side": side, "rows": rows_shown}
    choices = [(DRAFT, "The draft"), *((str(one.number), f"Version {one.number}") for one in versions)]
    title = f"Versions of {journey.title}"
    return frame.show(request, "journey_versions", title, journey, choices=choices, **context)


@require_POST
def put_back(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The version's text is the draft again; nothing goes live by that."""
    journey = frame.journey(request, key, frame.CHANGE)
    version = get_object_or_404(journey.versions, number=number, number__gt=JourneyVersion.TRIAL)
    seen = frame.number(request.POST.get("seen", ""))
    try:
        drafts.put_back(journey_id=journey.pk, version=version, seen=seen, by=request.user)
    except Problem as problem:
        messages.error(request, problem.detail or problem.title)
        return frame.to("journey-versions", journey)
    messages.success(request, f"The draft is the text of version {number} again. What is live has not changed.")
    return frame.to("journey-editor", journey)


def _source(journey: Journey, versions: Sequence[JourneyVersion], name: str) -> str | None:
    if name == DRAFT:
        return journey.draft
    return next((one.source for one in versions if str(one.number) == name), None)
