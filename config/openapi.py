"""What does the schema of the API say beyond what the views declare? Every refusal, as a problem with its codes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from config.problems import CONTENT_TYPE

METHODS = ("get", "post", "put", "patch", "delete")
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
# Where attributes are said.
SAYING = ("/api/v1/customers/identify/", "/api/v1/customers/{public_id}/attributes/", "/api/v1/conflicts/")
RETRY_AFTER = {"schema": {"type": "integer"}, "description": "Seconds until it is worth trying again."}
REPLAY = {
    "schema": {"type": "string", "enum": ["true"]},
    "description": "Present when the first answer is given again.",
}


class MayReadSchema(BasePermission):
    """Anybody in the sandbox; elsewhere only who works here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return settings.SANDBOX or bool(user.is_authenticated and (user.is_staff or hasattr(user, "agent")))


def with_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: adds `Problem`, and to each operation the refusals that it can answer with."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    result["tags"] = TAGS
    for path, methods in result["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                operation["responses"].update(_refusals(path, method, operation))
                _mark_replays(operation)
    return result


def _refusals(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    is_token, is_verb = path.startswith("/api/v1/token/"), method == "post" and "/conversations/" in path
    can_replay = _is_once(operation)
    is_draft = path.startswith("/api/v1/journeys/{key}/") and (method == "put" or path.endswith("/publish/"))
    codes = {
        "400": ["invalid", "parse_error"] * ("requestBody" in operation)
        + ["attribute_invalid"] * (method != "get" and path.startswith(SAYING))
        + ["invalid"] * (method == "get" and bool(operation.get("parameters")))
        + ["idempotency_key_missing"] * can_replay,
        "401": ["no_active_account", "token_not_valid"] if is_token else ["not_authenticated", "token_not_valid"],
        "403": [] if is_token else ["permission_denied"] + ["not_an_agent"] * is_verb,
        "404": ["not_found"] * ("{" in path),
        "409": ["already_taken", "already_closed", "not_yours", "owner_moved"] * is_verb
        + ["linked_people", "idempotency_in_flight"] * path.endswith("/erase/")
        + ["unseen_messages", "channel_closed"] * (can_replay and is_verb)
        + ["idempotency_in_flight"] * can_replay
        + ["identifier_shared"] * path.startswith("/api/v1/customers/by/"),
        "410": ["erased"] * path.startswith("/api/v1/customers/{"),
        "412": ["draft_changed"] * is_draft,
        "422": ["idempotency_key_reused"] * can_replay
        + ["draft_unfit", "journey_refused", "in_flight_refused", "translations_broken"] * is_draft,
        "428": ["if_match_missing"] * (is_draft and method == "put"),
        "429": ["throttled"],
    }
    return {status: _refusal(status, list(dict.fromkeys(names))) for status, names in codes.items() if names}


def _refusal(status: str, codes: list[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": "Codes: " + ", ".join(f"`{code}`" for code in codes),
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {**answer, "headers": {"Retry-After": RETRY_AFTER}} if status == "429" else answer


def _is_once(operation: dict[str, Any]) -> bool:
    return any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ()))


def _mark_replays(operation: dict[str, Any]) -> None:
    if _is_once(operation):
        done = next(status for status in ("201", "202", "200") if status in operation["responses"])
        operation["responses"][done]["headers"] = {"Idempotent-Replay": REPLAY}
