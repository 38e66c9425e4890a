"""How are a journey's words translated? Side by side in the browser, or as a file that leaves and comes back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from common.problems import Problem
from conversations.authoring import frame
from conversations.journeys import catalogues, drafts, reading, translating
from conversations.journeys.catalogues import Row, Taken
from conversations.models import Journey

FORMS = {"csv": "text/csv", "po": "text/x-gettext-translation"}
NOTES = 10  # that are said one by one after an import


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, key: str) -> HttpResponse:
    """One language beside the original; a POST writes what was filled in into the draft."""
    if request.method == "POST":
        return _save(request, frame.journey(request, key, frame.CHANGE))
    journey = frame.journey(request, key)
    loaded = reading.shaped(journey.draft)
    if loaded is None:
        return frame.show(request, "journey_words", f"Translations of {journey.title}", journey, broken=True)
    base = translating.base(loaded.data)
    known = translating.progress(loaded.data, journey.translated)
    asked = request.GET.get("language", "").strip().lower()
    language = asked if translating.LANGUAGE.fullmatch(asked) and asked != base else ""
    language = language or (known[0].language if known else "")
    entries = translating.entries(loaded.data, language, journey.translated) if language else []
    context: dict[str, Any] = {"base": base, "progress": known, "language": language, "entries": entries}
    return frame.show(request, "journey_words", f"Translations of {journey.title}", journey, **context)


@require_GET
def export(request: HttpRequest, key: str, language: str, form: str) -> HttpResponse:
    """The texts of one language as CSV or PO."""
    journey = frame.journey(request, key)
    loaded = reading.shaped(journey.draft)
    if form not in FORMS or loaded is None or not translating.LANGUAGE.fullmatch(language):
        raise Http404
    content = catalogues.exported(journey, loaded.data, language, form)
    return HttpResponse(
        content,
        content_type=f"{FORMS[form]}; charset=utf-8",
        headers=dict(catalogues.header(journey.key, language, form)),
    )


@require_POST
def take(request: HttpRequest, key: str) -> HttpResponse:
    """A file of translations comes back; a bad one names its row and changes nothing."""
    journey = frame.journey(request, key, frame.CHANGE)
    language, given = request.POST.get("language", "").strip().lower(), request.FILES.get("file")
    if given is None:
        messages.error(request, "Choose a file first.")
        return frame.to("journey-words", journey)
    try:
        content = given.read(catalogues.LARGEST + 1)
        taken = catalogues.take(
            journey=journey, language=language, name=given.name or "", content=content, by=request.user
        )
    except Problem as problem:
        messages.error(request, f"Nothing was taken in: {problem.detail or problem.title}")
    else:
        _tell(request, taken)
    return _back(journey, language)


def _save(request: HttpRequest, journey: Journey) -> HttpResponse:
    language = request.POST.get("language", "")
    loaded = reading.shaped(journey.draft)
    seen = frame.number(request.POST.get("seen", ""))
    try:
        if loaded is None or not translating.LANGUAGE.fullmatch(language):
            raise drafts.Unfit("the draft or the language cannot be read")
        taken = catalogues.put(
            journey=journey, language=language, rows=_rows(request, loaded.data), seen=seen, by=request.user
        )
    except drafts.Changed:
        messages.error(request, "Somebody has changed the draft since; nothing was saved. Look again, then save.")
    except Problem as problem:
        messages.error(request, problem.detail or problem.title)
    else:
        _tell(request, taken)
    return _back(journey, language)


def _rows(request: HttpRequest, data: dict[str, object]) -> list[Row]:
    """The fields of the page that were filled in; who ticks “still right” says so of a stale one."""
    language = request.POST.get("language", "")
    was = {entry.key: entry for entry in translating.entries(data, language, {})}
    found = []
    for number, (key, base) in enumerate(translating.lines(data).items(), start=1):
        words = request.POST.get(f"words-{key}", "").replace("\r\n", "\n").strip()
        is_confirmed = request.POST.get(f"right-{key}") == "1"
        if words and (words != was[key].words or is_confirmed):
            found.append(Row(number, key, base, words))
    return found


def _tell(request: HttpRequest, taken: Taken) -> None:
    texts = "text was" if taken.written == 1 else "texts were"
    messages.success(request, f"{taken.written} {texts} written into the draft. Publish it to make them live.")
    for note in taken.notes[:NOTES]:
        messages.warning(request, note)
    if len(taken.notes) > NOTES:
        messages.warning(request, f"and {len(taken.notes) - NOTES} more rows about which something is to be said.")


def _back(journey: Journey, language: str) -> HttpResponse:
    where = frame.to("journey-words", journey)
    if translating.LANGUAGE.fullmatch(language):
        where["Location"] += f"?language={language}"
    return where
