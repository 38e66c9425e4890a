"""How does an author publish? Notes, what becomes of the runs that have begun, a rehearsal, and then the button."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from common.problems import Problem
from conversations import tasks
from conversations.authoring import frame
from conversations.journeys import comparing, drafts, inflight, publishing, releasing
from conversations.journeys.releasing import Wanted
from conversations.models import Journey

STEP = r"[a-z][a-z0-9_]*"
RENAMED = re.compile(rf"\s*({STEP})\s*(?::|->|=)\s*({STEP})\s*")
WORDS = (
    ("keep", "Keep them: each finishes the version that it began"),
    ("migrate", "Move them to the new version where their step is still the same; keep the others"),
    ("restart", "Begin them anew, and ask the first question again"),
    ("stop", "Stop them with one sentence"),
)


class Publication(forms.Form):
    """What the author decides."""

    notes = forms.CharField(max_length=200, required=False, label="Notes for the version history")
    in_flight = forms.ChoiceField(choices=WORDS, initial="keep", label="Journeys that have begun")
    rename = forms.CharField(
        required=False, max_length=4000, label="Renamed steps, one a line: old: new", widget=forms.Textarea({"rows": 3})
    )
    sentence = forms.CharField(max_length=500, required=False, label="What they are told when they are stopped")
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def clean_rename(self) -> dict[str, str]:
        """Old step ids to new ones."""
        found: dict[str, str] = {}
        for line in str(self.cleaned_data["rename"]).splitlines():
            if line.strip():
                pair = RENAMED.fullmatch(line)
                if pair is None:
                    raise forms.ValidationError(f"“{line[:60]}” is not of the form old_step: new_step.")
                found[pair[1]] = pair[2]
        return found

    def wanted(self) -> Wanted:
        """As `releasing` takes it."""
        given = self.cleaned_data
        return Wanted(given["in_flight"], given["rename"], given["sentence"])


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The form; with `rehearse` it says what would happen, without it publishes."""
    journey = frame.journey(request, key, frame.PUBLISH)
    if request.method != "POST":
        begin = {"seen": journey.draft_revision, "sentence": inflight.SENTENCE, "in_flight": "keep"}
        return _shown(request, journey, Publication(initial=begin))
    form = Publication(request.POST)
    if not form.is_valid():
        return _shown(request, journey, form, status=400)
    try:
        if "rehearse" in request.POST:
            return _shown(request, journey, form, plan=releasing.rehearse(journey=journey, wanted=form.wanted()))
        return _release(request, journey, form)
    except drafts.Changed:
        return _overtaken(request, frame.journey(request, key))
    except publishing.Refused as refused:
        return _shown(request, journey, form, status=422, trouble=refused.detail)
    except Problem as problem:
        return _shown(request, journey, form, status=problem.status, trouble=problem.detail or problem.title)


def _release(request: HttpRequest, journey: Journey, form: Publication) -> HttpResponse:
    given = form.cleaned_data
    released = releasing.release(
        journey_id=journey.pk, seen=given["seen"], by=request.user, notes=given["notes"], wanted=form.wanted()
    )
    messages.success(request, f"Version {released.version.number} is live.")
    if released.change is not None:
        transaction.on_commit(tasks.change_runs.delay, robust=True)
        messages.info(request, "The journeys that have begun are being changed; this page shows how far it is.")
    return frame.to("journey-publish", journey)


def _overtaken(request: HttpRequest, journey: Journey) -> HttpResponse:
    """What changes is shown anew, with the answers that were given; what is published then is what was looked at."""
    given = request.POST.copy()
    given["seen"] = str(journey.draft_revision)
    trouble = f"{frame.called(journey.draft_by)} has saved the draft since you opened this page. Look at it first."
    return _shown(request, journey, Publication(given), status=409, trouble=trouble)


def _shown(
    request: HttpRequest, journey: Journey, form: Publication, *, status: int = 200, **more: Any
) -> HttpResponse:
    found = drafts.findings(journey.draft, journey.key)
    live = journey.live_version
    context = {
        "form": form,
        "errors": [one for one in found if one.level == "error"],
        "warnings": [one for one in found if one.level == "warning"],
        "rows": comparing.unified(live.source if live else "", journey.draft),
        "open_runs": inflight.open_runs(journey).count(),
        "changes": [(one, inflight.counted(one)) for one in inflight.latest(journey)],
        **more,
    }
    return frame.show(request, "journey_publish", f"Publish {journey.title}", journey, status=status, **context)
