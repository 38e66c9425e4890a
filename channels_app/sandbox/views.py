"""What does the sandbox page show, and what can be done on it? Every view answers 404 unless SANDBOX=1."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from channels_app.models import Channel
from channels_app.sandbox import clock as sandbox_clock
from channels_app.sandbox import emulators, kit, people, phone
from channels_app.sandbox.backends import jobs
from channels_app.sandbox.models import (
    SandboxContact,
    SandboxControls,
    SandboxExchange,
    SandboxFact,
    SandboxFile,
    SandboxMessage,
)
from common import numbers

View = Callable[..., HttpResponse]
STEP = timedelta(hours=25)
OPAQUE = "application/octet-stream"
KINDS_SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/")  # never a document or SVG
MEMORY = (SandboxMessage, SandboxContact, SandboxControls, SandboxExchange, SandboxFact, SandboxFile)


def in_sandbox(view: View) -> View:
    """The view, or 404 when this is no sandbox."""

    @wraps(view)
    def guarded(request: HttpRequest, **url: Any) -> HttpResponse:
        if not settings.SANDBOX:
            raise Http404
        return view(request, **url)

    return guarded


class ControlsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """How the pretended provider shall behave."""

    failure = forms.ChoiceField(label="Next send")
    latency_ms = forms.IntegerField(min_value=0, max_value=8000, label="Latency in ms")
    receipts = forms.ChoiceField(label="Receipts", required=False)

    class Meta:
        model = SandboxControls
        fields = ("failure", "is_failure_once", "latency_ms", "receipts", "duplicates", "reorders")

    def __init__(self, emulator: emulators.Emulator, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = dict(SandboxControls.Receipts.choices)
        choice(self, "failure").choices = list(emulator.failures.items())
        choice(self, "receipts").choices = [(name, words[name]) for name in emulator.receipts]

    def clean_receipts(self) -> str:
        return str(self.cleaned_data["receipts"] or self.instance.receipts)


def choice(form: forms.Form | forms.ModelForm, name: str) -> forms.ChoiceField:  # type: ignore[type-arg]  # as above
    """A field of a form that offers choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field


@in_sandbox
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The phones, the controls and the inspector; `?channel=` and `?person=` choose what is shown first."""
    channels = emulators.channels()
    channel = _channel(request.GET.get("channel", "")) or _channel("")
    person = people.find(request.GET.get("person", "")) or people.CAST[0]
    form = ControlsForm(emulators.of(channel), instance=kit.controls_of(channel.key)) if channel else None
    context = {
        "channel": channel,
        "frames": [phone.frame(one, person) for one in channels],
        "cast": people.CAST if person in people.CAST else (*people.CAST, person),
        "form": form,
        "feed": phone.feed(channel, person, 0),
        "jobs": {"plays": jobs.PLAYS, "paces": jobs.PACES, **jobs.playing()},
    }
    return render(request, "sandbox/page.html", context)


@in_sandbox
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """What one person's phone shows on a channel, and the exchanges past the cursor `after`."""
    after = request.GET.get("after", "0")
    channel, person = _channel(request.GET.get("channel", "")), _person(request.GET)
    return JsonResponse(phone.feed(channel, person, numbers.whole(after, digits=18) or 0))


@in_sandbox
@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """A person does something on a phone: JSON {channel, person, act, ...} as `shapes.Said` names it."""
    asked = _asked(request)
    channel, person = _channel_or_404(asked), _person(asked)
    emulator = emulators.of(channel)
    if not emulator.address(person):
        detail = f"{person.name} is not on {emulator.title}."
        return JsonResponse({"code": "not_there", "detail": detail}, status=400)
    if (said := phone.said(channel, person, asked)) is None:
        return JsonResponse({"code": "nothing_said", "detail": "Write something, or tap an option."}, status=400)
    message = emulator.write(channel, person, said)
    return JsonResponse({"message": message.external_id if message else ""}, status=201)


@in_sandbox
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """The phone is in view: what was delivered to this person has been read."""
    asked = _asked(request)
    channel = _channel_or_404(asked)
    return JsonResponse({"read": emulators.of(channel).look(channel, _person(asked))})


@in_sandbox
@require_POST
def controls(request: HttpRequest) -> HttpResponse:
    """Sets the controls of a channel; they hold from the next request on."""
    asked = _asked(request)
    channel = _channel_or_404(asked)
    form = ControlsForm(emulators.of(channel), asked, instance=kit.controls_of(channel.key))
    if not form.is_valid():
        return JsonResponse({"code": "bad_controls", "detail": form.errors.as_text()}, status=400)
    form.save()
    return JsonResponse({})


@in_sandbox
@require_GET
def file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A file on a phone: pictures, sounds and films as themselves, anything else as a download."""
    found = SandboxFile.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    is_shown = found.media_type.startswith(KINDS_SHOWN)
    response = HttpResponse(bytes(found.content), content_type=found.media_type if is_shown else OPAQUE)
    response.headers["Content-Disposition"] = content_disposition_header(not is_shown, found.name) or "attachment"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@in_sandbox
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """25 hours pass, or with {"reset": true} the clock is right again."""
    if _asked(request).get("reset"):
        sandbox_clock.reset()
        return JsonResponse({"shift_seconds": 0})
    return JsonResponse({"shift_seconds": int(sandbox_clock.advance(STEP).total_seconds())})


@in_sandbox
@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """Empties the pretended providers' memory: phones, inspector, controls, clock. The product's data stays."""
    for model in MEMORY:
        model.objects.all().delete()
    for channel in emulators.channels():
        emulators.of(channel).reset(channel)
    sandbox_clock.reset()
    return JsonResponse({})


def _channel(key: str) -> Channel | None:
    """The pretended channel of that key; without a key the first one."""
    return next((channel for channel in emulators.channels() if not key or channel.key == key), None)


def _channel_or_404(asked: dict[str, Any]) -> Channel:
    if (channel := _channel(str(asked.get("channel") or ""))) is None:
        raise Http404
    return channel


def _person(asked: Any) -> people.Person:
    person = people.find(str(asked.get("person", "")))
    if person is None:
        raise Http404
    return person


def _asked(request: HttpRequest) -> dict[str, Any]:
    try:
        asked = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}
