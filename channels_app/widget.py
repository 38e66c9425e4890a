"""What does a site's page load? The loader script, and the framed app that only the channel's own sites may frame."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from csp.constants import SELF
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import condition, require_GET

from channels_app import connections, origins

MAIN = "widget/app/main.js"
STYLES = ("css/tokens.css", "widget/app.css")
MODULES = ("widget/app/*.js", "widget/vendor/*.js")


def loader_tag(request: HttpRequest) -> str:
    return '"' + hashlib.sha256(loader_source()).hexdigest()[:16] + '"'


@require_GET
@cache_control(public=True, max_age=300)
@condition(etag_func=loader_tag)
def loader(request: HttpRequest) -> HttpResponse:
    """`/widget.js`, the same for every site; it reads the channel's key from its own tag."""
    return HttpResponse(loader_source(), content_type="text/javascript; charset=utf-8")


@require_GET
@xframe_options_exempt
@cache_control(no_store=True, private=True)
def app(request: HttpRequest, channel: str) -> HttpResponse:
    """`/widget/<key>/app`: the frame. Who may frame it is said in its policy, and nobody else can."""
    found = connections.channel(channel)
    if found is None:
        return HttpResponseNotFound("No such widget.", content_type="text/plain")
    host = request.get_host()
    sites = origins.allowed(found, host)
    context = {
        "channel": found,
        "parents": " ".join(sites),
        "styles": [static(name) for name in STYLES],
        "imports": json.dumps({"imports": imports()}),
        "main": static(MAIN),
    }
    response = render(request, "widget/app.html", context)
    # django-csp reads the change there; `self` covers the socket in new browsers, the scheme is for older ones.
    socket = ("wss://" if request.is_secure() else "ws://") + host
    response._csp_update = {"frame-ancestors": sites, "connect-src": [SELF, socket]}  # type: ignore[attr-defined]  # django-csp's own name for it
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response


@cache
def loader_source() -> bytes:
    """The loader as it is delivered."""
    found = finders.find("widget/loader.js")
    assert isinstance(found, str)
    return Path(found).read_bytes()


@cache
def imports() -> dict[str, str]:
    """Module -> its address with a digest: modules name each other plainly, and old copies never meet new ones."""
    main = finders.find(MAIN)
    assert isinstance(main, str)
    root = Path(main.removesuffix(MAIN))
    names = sorted(str(found.relative_to(root)) for pattern in MODULES for found in root.glob(pattern))
    base = static(MAIN).rpartition("widget/app/")[0]
    return {base + name: static(name) for name in names}
