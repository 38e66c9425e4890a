"""What does the sandbox page show, and what can be done on it? Every view answers 404 unless SANDBOX=1."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from channels_app.models import Channel
from channels_app.sandbox import clock as sandbox_clock
from channels_app.sandbox import people, phone, provider
from channels_app.sandbox.models import SandboxContact, SandboxControls, SandboxExchange, SandboxMessage

View = Callable[..., HttpResponse]
STEP = timedelta(hours=25)
LONGEST_TEXT = 4096


def in_sandbox(view: View) -> View:
    """The view, or 404 when this is no sandbox."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.SANDBOX:
            raise Http404
        return view(request)

    return guarded


class ControlsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs only
    """How the pretended provider shall behave."""

    latency_ms = forms.IntegerField(min_value=0, max_value=8000, label="Latency in ms")

    class Meta:
        model = SandboxControls
        fields = ("failure", "is_failure_once", "latency_ms", "receipts", "duplicates", "reorders")
        labels = {
            "failure": "Next send",
            "is_failure_once": "only once",
            "receipts": "Receipts",
            "duplicates": "post every webhook twice",
            "reorders": "mix up the order",
        }


@in_sandbox
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The phone, the controls and the inspector."""
    channel = _channel()
    form = ControlsForm(instance=provider.controls_of(channel.key)) if channel else None
    context = {"channel": channel, "cast": people.CAST, "form": form, "feed": phone.feed(channel, people.CAST[0], 0)}
    return render(request, "sandbox/page.html", context)


@in_sandbox
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """What one person's phone shows, and the exchanges past the cursor `after`."""
    after = request.GET.get("after", "0")
    return JsonResponse(phone.feed(_channel(), _person(request.GET), int(after) if after.isdigit() else 0))


@in_sandbox
@require_POST
def say(request: HttpRequest) -> HttpResponse:
    """A person writes, or taps an option of a message: JSON {person, text} or {person, message, option}."""
    asked = _asked(request)
    channel, person = _channel_or_404(), _person(asked)
    part, replies_to = phone.part(channel, person, asked)
    if part is None:
        return JsonResponse({"code": "nothing_said", "detail": "Write something, or tap an option."}, status=400)
    message = provider.write(channel=channel, person=person, part=part, replies_to=replies_to)
    return JsonResponse({"message": message.external_id}, status=201)


@in_sandbox
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """The phone is in view: what was delivered to this person has been read."""
    return JsonResponse({"read": provider.look(channel=_channel_or_404(), person=_person(_asked(request)))})


@in_sandbox
@require_POST
def controls(request: HttpRequest) -> HttpResponse:
    """Sets the controls; they hold from the next request on."""
    form = ControlsForm(_asked(request), instance=provider.controls_of(_channel_or_404().key))
    if not form.is_valid():
        return JsonResponse({"code": "bad_controls", "detail": form.errors.as_text()}, status=400)
    form.save()
    return JsonResponse({})


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
    """Empties the pretended provider's memory: phones, inspector, controls, clock. The product's data stays."""
    for model in (SandboxMessage, SandboxContact, SandboxControls, SandboxExchange):
        model.objects.all().delete()
    sandbox_clock.reset()
    return JsonResponse({})


def _channel() -> Channel | None:
    return Channel.objects.filter(kind="whatsapp", config__base_url__endswith="/sandbox/graph").order_by("pk").first()


def _channel_or_404() -> Channel:
    return get_object_or_404(Channel, pk=getattr(_channel(), "pk", None))


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
