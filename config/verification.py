"""Does switching channels work on this very installation? A button in the back office that plays the self-test here."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import user_passes_test
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from config import selftest
from config.demo import channels, purging

LOCK = 7_402_061  # one play at a time, whatever process it was asked of


@never_cache
@require_http_methods(["GET", "POST"])
@user_passes_test(lambda user: user.is_active and user.is_superuser, login_url="admin:login")
def page(request: HttpRequest) -> HttpResponse:
    """The button; pressed, the steps with their times. The invented customers are removed again."""
    if not settings.SANDBOX:
        raise Http404
    context = {**admin.site.each_context(request), "title": "Verify channel switching", "steps": selftest.STEPS}
    if request.method == "POST":
        context["report"] = _play()
    return render(request, "backoffice/verify.html", context)


def _play() -> selftest.Report | None:
    """The report, or None when somebody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return None
        try:
            report = selftest.play(base_url=settings.PUBLIC_URL, widget_secret=channels.secret("widget"))
            purging.remove(purging.guests(visits=report.visits))
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return report
