"""What do the pages about a journey share? Who may, which journey is meant, and the frame around a page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from common import numbers
from conversations.models import Journey
from customers import pages

VIEW, ADD = "conversations.view_journey", "conversations.add_journey"
CHANGE, PUBLISH = "conversations.change_journey", "conversations.publish_journey"
needs, actor = pages.needs, pages.actor


def journey(request: HttpRequest, key: str, *permissions: str) -> Journey:
    """The journey with this key, for who may look at journeys and has these permissions besides; 403 or 404."""
    needs(request, VIEW, *permissions)
    found = Journey.objects.select_related("live_version", "draft_by")
    return get_object_or_404(found, key=key)


def show(
    request: HttpRequest, name: str, title: str, of: Journey | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    """A page from `templates/backoffice/<name>.html`, with what the buttons at its top need."""
    can = {
        "change": request.user.has_perm(CHANGE),
        "add": request.user.has_perm(ADD),
        "publish": request.user.has_perm(PUBLISH),
        "try": settings.SANDBOX,
    }
    return pages.show(request, name, title, status=status, journey=of, can=can, **context)


def to(name: str, of: Journey) -> HttpResponse:
    """After something was done: a page of the journey."""
    return redirect(f"admin:{name}", key=of.key)


def called(user: AbstractBaseUser | None) -> str:
    """How a member of staff is named beside what they did."""
    return user.get_username() if user is not None else "nobody"


def number(words: str) -> int:
    """A number of a form or an address; -1 for anything else."""
    found = numbers.whole(words, digits=9)
    return -1 if found is None else found
