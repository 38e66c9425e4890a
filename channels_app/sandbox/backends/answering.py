"""How does a pretended back end answer? JSON to whoever has its key, once for each Idempotency-Key."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from channels_app.sandbox.kit import secret
from channels_app.sandbox.models import SandboxFact

Found = tuple[int, dict[str, Any]]
View = Callable[..., Found]


def api(key: str, *methods: str) -> Callable[[View], Callable[..., JsonResponse]]:
    """A view of the back end of this connection: `view(body, **url)` returns status and JSON.

    401 without the key of the connection, 405 for another method. What a POST did is done once for each
    Idempotency-Key; without one, each time.
    """

    def wrap(view: View) -> Callable[..., JsonResponse]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **url: Any) -> JsonResponse:
            if not settings.SANDBOX:
                raise Http404
            if not hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token(key)}"):
                return JsonResponse({"error": "who are you?"}, status=401)
            if request.method not in methods:
                return JsonResponse({"error": "method"}, status=405)
            status, body = _once(key, request, lambda: view(_given(request), **url))
            return JsonResponse(body, status=status)

        return answer

    return wrap


def token(key: str) -> str:
    """What the connection of this key has to show."""
    return secret(f"connection {key}")


def recall(key: str, name: str, default: Any = None) -> Any:
    """What the back end remembers under a name."""
    found = SandboxFact.objects.filter(channel=key, name=name).first()
    return found.value if found else default


def remember(key: str, name: str, value: Any) -> bool:
    """Remembers it unless something stands there; False if so."""
    return SandboxFact.objects.get_or_create(channel=key, name=name, defaults={"value": value})[1]


def _given(request: HttpRequest) -> dict[str, Any]:
    """The query, the body's JSON object, and under `job` what the headers say of one to begin."""
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = {}
    told = {name: request.headers.get(f"Throughline-{name.title()}", "") for name in ("callback", "secret", "attempt")}
    return {**request.GET.dict(), **(body if isinstance(body, dict) else {}), "job": told}


def _once(key: str, request: HttpRequest, work: Callable[[], Found]) -> Found:
    asked = request.headers.get("Idempotency-Key", "")[:150]
    if request.method == "GET" or not asked:
        return work()
    if done := recall(key, f"done:{asked}"):
        return done[0], done[1]
    found = work()
    if found[0] < 500:
        remember(key, f"done:{asked}", list(found))
    return found
