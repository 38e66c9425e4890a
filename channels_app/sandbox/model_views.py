"""Where does the pretended language model answer? As an OpenAI-compatible API below /sandbox/model/v1/.

Switch it on with LLM_URL=http://localhost:8000/sandbox/model/v1; LLM_MODEL names how it behaves (`model_brain`).
"""

from __future__ import annotations

import json
import time

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from channels_app.sandbox import model_brain, views


@csrf_exempt
@require_POST
def completions(request: HttpRequest) -> HttpResponse:
    """POST /chat/completions."""
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return JsonResponse({"error": {"message": "expected JSON", "type": "invalid_request_error"}}, status=400)
    said = model_brain.answer(body)
    time.sleep(said.seconds)
    return HttpResponse(said.body, status=said.status, content_type="application/json")


@require_GET
def models(request: HttpRequest) -> HttpResponse:
    """GET /models: what it can be asked to be."""
    return JsonResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in model_brain.MODES]})


urlpatterns = [
    path("sandbox/model/v1/chat/completions", views.in_sandbox(completions), name="sandbox-model"),
    path("sandbox/model/v1/models", views.in_sandbox(models), name="sandbox-models"),
]
