"""What does a request hear whose token is not ours, or from before the last login? A script a problem, else a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import override

from handover.inbox import access


def failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 `csrf_failed` unless a page is asked for; which of the checks failed is in our log only."""
    problem = access.StaleToken()
    with override(access.language_asked(request)):
        if access.is_script(request) or "text/html" not in request.headers.get("Accept", ""):
            return access.refused(problem)
        context = {"problem": problem, "is_desk": request.path.startswith(reverse("inbox:start"))}
        return render(request, "inbox/stale.html", context, status=problem.status)
