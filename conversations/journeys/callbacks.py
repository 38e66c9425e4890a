"""Where does a job report, and what does it sign its reports with?

A task's secret follows from its id and a key of ours: nothing of it is stored, and what is signed with it is known to
come from a job that we began, even when the task itself is gone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from common import crypto
from conversations.models import RemoteTask, WebRequest

NAMESPACE = "remote task"


def headers(request: WebRequest) -> dict[str, str]:
    """What the call that begins a job carries besides; empty for any other call. Never stored with the request."""
    found = RemoteTask.objects.filter(run_id=request.run_id, guard=request.seq).values_list("public_id", "attempt")
    if (task := found.first()) is None:
        return {}
    public_id, attempt = task
    return {
        "Throughline-Task": str(public_id),
        "Throughline-Callback": address(public_id),
        "Throughline-Secret": secret(public_id),
        "Throughline-Attempt": str(attempt),
    }


def address(public_id: UUID) -> str:
    """Where the job posts its reports."""
    return f"{settings.PUBLIC_URL}/api/v1/tasks/{public_id}/events"


def secret(public_id: UUID) -> str:
    """What the job signs with."""
    return crypto.blind(NAMESPACE, value=public_id.hex)


def secrets(public_id: UUID) -> Sequence[str]:
    """Its secret under every key that is still known: a job may outlive a change of keys."""
    return crypto.blind_all(NAMESPACE, value=public_id.hex)


def sign(key: str, timestamp: str, raw: bytes) -> str:
    """The value of the signature's header: `v1=` and the hexadecimal HMAC-SHA256 of `timestamp.body`."""
    return "v1=" + hmac.new(key.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
