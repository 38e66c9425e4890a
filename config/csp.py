"""Which content may a page load? Little; the admin's theme needs more, so no customer's HTML is shown there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase

STRICT: dict[str, list[Any]] = {
    "default-src": [NONE],
    "script-src": [SELF, NONCE],
    "style-src": [SELF],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "media-src": [SELF, "blob:"],
    "manifest-src": [SELF],
    "frame-src": [SELF],
    "worker-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [SELF],
}
ADMIN = {
    **STRICT,
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}
API_DOCS = {"style-src": [SELF, UNSAFE_INLINE]}


def strict(files_url: str) -> dict[str, list[Any]]:
    """The policy of all pages but the admin's; pictures, sound and film may also come from where files are served."""
    origins = ["{0.scheme}://{0.netloc}".format(urlsplit(files_url))] if files_url else []
    return {**STRICT, **{name: [*STRICT[name], *origins] for name in ("img-src", "media-src")}}


PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"


class PolicyMiddleware:
    """Gives pages below `/admin/` the policy that their theme needs, unless a view chose one; forbids sensors."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if request.path.startswith("/admin/") and not hasattr(response, "_csp_config"):
            response._csp_config = ADMIN  # type: ignore[attr-defined]  # django-csp reads it there
        return response
