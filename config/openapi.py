"""What does the schema of the API say beyond requests and answers? Every refusal, as a problem with its codes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.problems import Problem
from common.refusing import declared
from config.problems import CONTENT_TYPE
from customers import idempotency

TAGS = [
    {"name": "conversations", "description": "Matters of customers: read them, answer, move their owner."},
    {"name": "customers", "description": "People with their addresses (masked without the right) and attributes."},
    {"name": "links", "description": "Which customers are one person, and why: preview, join and part them."},
    {"name": "suggestions", "description": "Who may be one person; people accept, reject or wait."},
    {"name": "conflicts", "description": "What disagrees about a customer and waits for a person."},
    {"name": "consents", "description": "What was allowed and withdrawn, at which address."},
    {"name": "journeys", "description": "What the bot can do, and how many are at it."},
    {"name": "reservations", "description": "What is offered to whom; accept and decline."},
    {"name": "queues", "description": "Teams: what they are for, and how they stand."},
    {"name": "agents", "description": "Colleagues, and, for those who lead them, what they carry."},
    {"name": "presence", "description": "Where an agent says to be, and what others see."},
    {"name": "ratings", "description": "What customers said of a conversation afterwards."},
    {"name": "token", "description": "JSON Web Tokens for members of staff."},
]
PROBLEM = {
    "type": "object",
    "description": "RFC 9457; `code` never changes (docs/reference/problems.md), texts may.",
    "required": ["type", "code", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "code": {"type": "string", "examples": ["already_taken"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "With `invalid`: what is wrong, where (RFC 6901).",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
            },
        },
    },
    "additionalProperties": True,
}
ONCE = (idempotency.KeyMissing, idempotency.KeyTooLong, idempotency.InFlight, idempotency.KeyReused)
RETRY_AFTER = {"schema": {"type": "integer"}, "description": "Seconds until it is worth trying again."}
REPLAY = {
    "schema": {"type": "string", "enum": ["true"]},
    "description": "Present when the first answer is given again.",
}


class MayReadSchema(BasePermission):
    """Anybody in the sandbox; elsewhere only who works here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user, agent = request.user, getattr(request.user, "agent", None)
        return settings.SANDBOX or bool(user.is_authenticated and (user.is_staff or (agent and agent.is_active)))


class RefusingSchema(AutoSchema):
    """An operation with the refusals that it can answer with: what its view declares, and what any may."""

    def get_operation(self, path: str, *rest: Any, **named: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(path, *rest, **named)
        if operation is not None:
            action = getattr(self.view, "action", None) or self.method.lower()
            known = declared(self.view, action) + (ONCE if _is_once(operation) else ())
            operation["responses"].update(_refusals(path, self.method, operation, known))
            _mark_replays(operation)
        return operation


def with_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: adds `Problem`, which every refusal is, and what the tags mean."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    result["tags"] = TAGS
    return result


def _refusals(path: str, method: str, operation: dict[str, Any], known: tuple[type[Problem], ...]) -> dict[str, Any]:
    is_token, has_body = path.startswith("/api/v1/token/"), "requestBody" in operation
    codes = {
        "400": ["invalid", "parse_error"] * has_body
        + ["invalid"] * (method == "GET" and bool(operation.get("parameters"))),
        "401": ["no_active_account", "token_not_valid"]
        if is_token
        else ["not_authenticated", "authentication_failed", "token_not_valid"],
        "403": [] if is_token else ["permission_denied"],
        "404": ["not_found"] * ("{" in path or _has(operation, "cursor")),
        "429": ["throttled"],
    }
    for problem in known:
        codes.setdefault(str(problem.status), []).append(problem.code)
    return {status: _refusal(status, list(dict.fromkeys(codes[status]))) for status in sorted(codes) if codes[status]}


def _refusal(status: str, codes: list[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": "Codes: " + ", ".join(f"`{code}`" for code in codes),
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {**answer, "headers": {"Retry-After": RETRY_AFTER}} if status == "429" else answer


def _is_once(operation: dict[str, Any]) -> bool:
    return _has(operation, "Idempotency-Key")


def _has(operation: dict[str, Any], name: str) -> bool:
    return any(parameter["name"] == name for parameter in operation.get("parameters", ()))


def _mark_replays(operation: dict[str, Any]) -> None:
    if _is_once(operation):
        done = next(status for status in ("201", "202", "200") if status in operation["responses"])
        operation["responses"][done]["headers"] = {"Idempotent-Replay": REPLAY}
