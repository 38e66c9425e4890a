"""Where does somebody read an article that was too long for their channel? On a page of its own, if it is for all."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common import clock
from conversations import knowledge
from conversations.answers.plain import plain


@require_safe
def page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A published, valid and public article as plain words; 404 for any other."""
    row = knowledge.live(private=False, now=clock.now()).filter(public_id=public_id).first()
    if row is None:
        raise Http404
    return render(request, "answers/article.html", {"article": row, "words": plain(row.body)})
