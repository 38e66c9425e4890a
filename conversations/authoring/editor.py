"""How is a draft written? The text with its findings, its graph beside it; nothing that somebody else saved is lost."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST

from conversations.authoring import frame
from conversations.journeys import comparing, drafts, drawing, footfall, graph, loader, reading
from conversations.models import Journey, JourneyVersion

COUNTED_FOR = 30  # seconds that counts stay as they were while somebody types


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The editor; a POST saves, by a script (JSON) or as a plain form."""
    if request.method != "POST":
        journey = frame.journey(request, key)
        return _shown(request, journey, journey.draft)
    journey = frame.journey(request, key, frame.CHANGE)
    text, seen = _text(request), frame.number(request.POST.get("seen", ""))
    is_script = "application/json" in request.headers.get("Accept", "")
    try:
        saved = drafts.save(journey_id=journey.pk, text=text, seen=seen, by=request.user)
    except drafts.Changed:
        return _overtaken(request, key, text, is_script)
    except drafts.Unfit as unfit:
        if is_script:
            return JsonResponse({"detail": unfit.detail}, status=422)
        return _shown(request, journey, text, trouble=unfit.detail, status=422)
    return JsonResponse({"revision": saved.draft_revision}) if is_script else frame.to("journey-editor", journey)


@require_POST
def lint(request: HttpRequest, key: str) -> JsonResponse:
    """What the linter says of a text that is being written, and its graph as SVG (null while it has no shape)."""
    journey = frame.journey(request, key)
    text = _text(request)
    shown = _drawn(text, journey.title, _counts_while_typing(journey))
    found = [asdict(one) for one in drafts.findings(text, key)]
    return JsonResponse({"findings": found, "graph": shown and shown["svg"]})


def weighed(request: HttpRequest, journey: Journey, text: str) -> HttpResponse:
    """A file beside a draft that was never published: it takes its place when somebody presses Save."""
    rows = comparing.unified(journey.draft, text)
    return _shown(request, journey, text, status=409, overtaken=rows, is_file=True, by=frame.called(journey.draft_by))


def _overtaken(request: HttpRequest, key: str, text: str, is_script: bool) -> HttpResponse:
    """Somebody saved since this page was opened: both texts stay, and how they differ is shown."""
    journey = frame.journey(request, key)
    if is_script:
        by = frame.called(journey.draft_by)
        return JsonResponse({"detail": f"{by} has saved since you opened this page."}, status=409)
    rows = comparing.unified(journey.draft, text)
    return _shown(request, journey, text, status=409, overtaken=rows, by=frame.called(journey.draft_by))


def _shown(request: HttpRequest, journey: Journey, text: str, *, status: int = 200, **more: Any) -> HttpResponse:
    found = drafts.findings(text, journey.key)
    versions = list(journey.versions.filter(number__gt=JourneyVersion.TRIAL).order_by("-number"))
    wanted = frame.number(request.GET.get("version", ""))
    version = next((one for one in versions if one.number == wanted), None)
    drawn = _drawn(version.source if version else text, journey.title, _counts(journey, version))
    context = {
        "text": text,
        "seen": journey.draft_revision,
        "found": found,
        "errors": sum(one.level == "error" for one in found),
        "warnings": sum(one.level == "warning" for one in found),
        "versions": versions,
        "version": version,
        "drawn": drawn,
        **more,
    }
    return frame.show(request, "journey_editor", journey.title, journey, status=status, **context)


def _drawn(text: str, title: str, counts: dict[str, footfall.Footfall]) -> dict[str, Any] | None:
    loaded = reading.shaped(text)
    found = graph.of(loaded.data, loaded.lines) if loaded else None
    if found is None:
        return None
    return {"svg": drawing.svg(found, title, counts), "steps": drawing.listed(found, counts)}


def _counts(journey: Journey, version: JourneyVersion | None = None) -> dict[str, footfall.Footfall]:
    """Counted now, for a page that is opened; what is typed on it meanwhile is shown with the same."""
    found = footfall.of(journey, version)
    if version is None:
        cache.set(_remembered(journey), found, COUNTED_FOR)
    return found


def _counts_while_typing(journey: Journey) -> dict[str, footfall.Footfall]:
    found: dict[str, footfall.Footfall] | None = cache.get_or_set(
        _remembered(journey), lambda: footfall.of(journey), COUNTED_FOR
    )
    return found or {}


def _remembered(journey: Journey) -> str:
    return f"journey-footfall:{journey.pk}"


def _text(request: HttpRequest) -> str:
    """What the browser sent, with the line ends that it had before the form."""
    return request.POST.get("draft", "").replace("\r\n", "\n")[: 2 * loader.MAX_BYTES]
