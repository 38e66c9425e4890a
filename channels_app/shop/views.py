"""What does a site that embeds the widget look like? The demo shop: it knows its users and signs who is logged in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from channels_app.shop import logins

View = Callable[[HttpRequest], HttpResponse]
COOKIE = "demo-shop"  # its own: the log-in of an agent in the same browser is none of its business
CHAIRS = (
    ("ergo", "Ergo task chair", "349", "Follows your back through the day. Lumbar support, 3D armrests."),
    ("mesh", "Mesh executive", "529", "A tall mesh back that breathes, and a headrest for the long calls."),
    ("stool", "Standing stool", "189", "Half sitting, half standing. Tilts with you, fits under any desk."),
)


def in_sandbox(view: View) -> View:
    """The view, or 404 when this is no sandbox."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.SANDBOX:
            raise Http404
        return view(request)

    return guarded


@in_sandbox
@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The shop's one page, with the widget embedded by its script tag."""
    shopper = _shopper(request)
    context = {"shopper": shopper, "shoppers": logins.SHOPPERS.values(), "chairs": CHAIRS, "channel": logins.CHANNEL}
    return render(request, "shop/page.html", context)


@in_sandbox
@require_POST
def login(request: HttpRequest) -> HttpResponse:
    """Logs a demo user in, or out with an unknown name."""
    user = request.POST.get("user", "")
    response = redirect("demo-shop")
    if user in logins.SHOPPERS:
        response.set_signed_cookie(COOKIE, user, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response


@in_sandbox
@require_GET
@never_cache
def token(request: HttpRequest) -> HttpResponse:
    """The JWT of whoever is logged in, for the widget; the page asks again when it has expired."""
    shopper = _shopper(request)
    return JsonResponse({"jwt": logins.sign(shopper) if shopper else ""})


def _shopper(request: HttpRequest) -> logins.Shopper | None:
    """Whom the shop's own signed cookie names."""
    return logins.SHOPPERS.get(request.get_signed_cookie(COOKIE, default="") or "")
