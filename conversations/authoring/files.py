"""How does a journey come in and go out as a file, from the library, or as a copy of another?"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_http_methods

from common.problems import Problem
from conversations.authoring import editor, frame
from conversations.journeys import drafts, loader, samples
from conversations.models import Journey, JourneyVersion


class Named(forms.Form):
    """A journey that is about to exist."""

    title = forms.CharField(max_length=120, label="Title, as customers see it")
    key = forms.CharField(max_length=64, label="Key: small letters, digits and _; it never changes")

    def clean_key(self) -> str:
        """As the language takes it."""
        key = str(self.cleaned_data["key"])
        if not drafts.KEY.fullmatch(key):
            raise forms.ValidationError("Small letters, digits and _, a letter first: order_status.")
        return key


class Upload(forms.Form):
    """A journey's YAML."""

    file = forms.FileField(label="YAML file")


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """A new journey: empty, from the library, or from a file."""
    frame.needs(request, frame.VIEW, frame.ADD)
    act = request.POST.get("act", "")
    named, upload = Named(request.POST if act == "new" else None), Upload()
    if request.method == "POST":
        if act == "upload":
            upload = Upload(request.POST, request.FILES)
        form: Any = upload if act == "upload" else named
        try:
            if act == "library":
                return _from_library(request)
            if form.is_valid():
                return _uploaded(request, upload) if act == "upload" else _named(request, named)
        except Problem as problem:
            form.add_error(None, problem.detail or problem.title)
    there = set(Journey.objects.values_list("key", flat=True))
    context: dict[str, Any] = {"named": named, "upload": upload, "library": samples.listed(), "there": there}
    return frame.show(request, "journey_new", "New journey", status=400 if request.POST else 200, **context)


@require_http_methods(["GET", "HEAD", "POST"])
def duplicate(request: HttpRequest, key: str) -> HttpResponse:
    """The same draft under another key."""
    journey = frame.journey(request, key, frame.ADD)
    form = Named(request.POST or None, initial={"title": f"{journey.title} (copy)", "key": f"{journey.key}_copy"[:64]})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = drafts.duplicate(journey=journey, key=given["key"], title=given["title"], by=request.user)
        except Problem as problem:
            form.add_error(None, problem.detail or problem.title)
        else:
            messages.success(request, "Copied. Its triggers are still those of the first: change them.")
            return frame.to("journey-editor", made)
    status = 400 if form.errors else 200
    return frame.show(request, "journey_duplicate", f"Duplicate {journey.title}", journey, status=status, form=form)


@require_GET
def download(request: HttpRequest, key: str) -> HttpResponse:
    """The draft as a file, or with `?version=` that version."""
    journey = frame.journey(request, key)
    wanted, text, name = request.GET.get("version", ""), journey.draft, journey.key
    if wanted:
        rows = journey.versions.filter(number__gt=JourneyVersion.TRIAL)
        text = get_object_or_404(rows, number=frame.number(wanted)).source
        name = f"{journey.key}.v{wanted}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.yaml"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(text, content_type="application/yaml; charset=utf-8", headers=headers)


def _named(request: HttpRequest, form: Named) -> HttpResponse:
    made = drafts.begin(key=form.cleaned_data["key"], title=form.cleaned_data["title"], by=request.user)
    return frame.to("journey-editor", made)


def _from_library(request: HttpRequest) -> HttpResponse:
    one = samples.find(request.POST.get("key", ""))
    if one is None:
        raise Http404
    return _taken(request, one.text)


def _uploaded(request: HttpRequest, form: Upload) -> HttpResponse:
    given = form.cleaned_data["file"]
    if given.size > loader.MAX_BYTES:
        raise drafts.Unfit(f"larger than {loader.MAX_BYTES // 1024} KiB")
    try:
        text = given.read().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise drafts.Unfit("not UTF-8") from None
    return _taken(request, text)


def _taken(request: HttpRequest, text: str) -> HttpResponse:
    frame.needs(request, frame.CHANGE)
    try:
        journey, is_new = drafts.take_in(text=text, by=request.user)
    except drafts.Unpublished as kept:
        return editor.weighed(request, kept.journey, text)
    if is_new:
        messages.success(request, "Taken in as a draft: it is not published yet.")
    else:
        messages.warning(request, "There is such a journey: the text is its draft now. What is live has not changed.")
    return frame.to("journey-editor", journey)
