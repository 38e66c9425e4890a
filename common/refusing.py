"""What may a view of the API refuse? It says so beside itself, by the problems; the schema and a test read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from common.problems import Problem

View = TypeVar("View", bound=Callable[..., Any])


def refuses(*problems: type[Problem]) -> Callable[[View], View]:
    """Marks an action with what it may raise; on a viewset, what each of its actions may raise.

    What is refused everywhere goes without saying: unreadable bodies, missing rights, unknown ids, too many requests,
    and what comes of an `Idempotency-Key`.
    """

    def mark(view: View) -> View:
        view.refusals = (*getattr(view, "refusals", ()), *problems)  # type: ignore[attr-defined]  # ours
        return view

    return mark


def declared(view: Any, action: str) -> tuple[type[Problem], ...]:
    """What this action of the view may raise, as its class and its method say."""
    return (*getattr(type(view), "refusals", ()), *getattr(getattr(view, action, None), "refusals", ()))
