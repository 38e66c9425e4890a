"""Does this process live, and may it be sent work? `/livez` and `/readyz` answer before anything else runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

ALIVE_PATHS = ("/livez", "/healthz")
READY_PATH = "/readyz"

_state = {"draining": False, "migrated": False}


class HealthMiddleware:
    """First of all, so that a probe needs no host name, no session and no redirect."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path in ALIVE_PATHS:
            return HttpResponse("ok\n", content_type="text/plain")
        if request.path == READY_PATH:
            found = readiness()
            return JsonResponse(found, status=200 if found["ready"] else 503)
        return self.get_response(request)


def drain() -> None:
    """From now on this process is not ready: the load balancer sends it nothing new."""
    _state["draining"] = True


def readiness() -> dict[str, Any]:
    """What database, migrations, Redis and shutdown say; `ready` holds without Redis, never without the rest."""
    found = {"database": _database(), "redis": _redis(), "draining": _state["draining"]}
    return {"ready": found["database"] == "ok" and not found["draining"], **found}


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return "ok" if _migrated() else "migrations are missing"
    except DatabaseError:
        connection.close()
        return "no answer"


def _migrated() -> bool:
    """Whether every migration is applied; asked until the answer is yes, for that does not change while we run."""
    if not _state["migrated"]:
        executor = MigrationExecutor(connection)
        _state["migrated"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _state["migrated"]


def _redis() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **settings.REDIS_OPTIONS) as client:
            client.ping()
    except (redis.RedisError, OSError):
        return "no answer"
    return "ok"
