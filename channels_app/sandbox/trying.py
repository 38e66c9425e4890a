"""How does an author play a draft? They choose a channel; somebody new takes that phone, or comes to the shop."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from channels_app.models import Channel
from channels_app.sandbox import emulators, people
from channels_app.sandbox.views import in_sandbox
from channels_app.shop import logins
from channels_app.shop.views import COOKIE
from conversations.journeys import publishing, trials
from conversations.models import Journey, JourneyTrial

CHANGE = "conversations.change_journey"


@in_sandbox
@login_required(login_url="admin:login")
@permission_required(CHANGE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Which channel? A POST makes the saved draft playable for one new person there, and opens their phone or page."""
    journey = get_object_or_404(Journey, key=key)
    shown = _offered()
    trouble = ""
    if request.method == "POST":
        chosen = next((channel for channel, _ in shown if channel == request.POST.get("channel")), None)
        try:
            if chosen is not None:
                return _opened(chosen, trials.begin(journey=journey, by=request.user))
            trouble = "Choose a channel."
        except publishing.Refused as refused:
            trouble = f"The draft cannot be played while it has errors: {refused.detail}"
    context = {"journey": journey, "channels": shown, "trouble": trouble}
    return render(request, "sandbox/try.html", context, status=400 if trouble else 200)


def _offered() -> list[tuple[str, str]]:
    """Where a draft can be played, by key and title: every phone, and the shop's page."""
    found = [(one.key, emulators.of(one).title) for one in emulators.channels() if emulators.of(one).address(_guest())]
    shop = Channel.objects.filter(key=logins.CHANNEL, kind="web", is_enabled=True).exists()
    return [*found, (logins.CHANNEL, "Web chat")] if shop else found


def _opened(channel: str, trial: JourneyTrial) -> HttpResponse:
    """The page of that channel, on which the draft begins; to the shop comes nobody who is logged in."""
    if channel != logins.CHANNEL:
        return redirect(f"{reverse('sandbox')}?{_where(channel, trials.words(trial))}")
    response = redirect(f"{reverse('demo-shop')}?{urlencode({'journey': trials.word(trial)})}")
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def _where(channel: str, start: str) -> str:
    return urlencode({"channel": channel, "person": _guest().key, "start": start})


def _guest() -> people.Person:
    """Somebody who has never written: nothing that was said before is in the draft's way."""
    found = people.find(f"guest-4670{secrets.randbelow(9_000_000) + 1_000_000}")
    assert found is not None
    return found
