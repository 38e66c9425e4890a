"""What may go wrong in a way that a caller can understand? One base for RFC 9457 problem answers."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """A refusal with a stable code; subclasses set `code`, `title` and `status`, instances add `detail` and `extra`."""

    code = "problem"
    title = "The request cannot be done."
    status = 400

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.extra = extra


class Unknown(Problem):
    """What the body or the query names is not there, or not for this caller; an address answers the same by itself."""

    code, title, status = "not_found", "There is nothing of that name.", 404
