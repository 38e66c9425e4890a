"""Which address of the back office leads to which page about a journey? All behind the admin's login."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path

from conversations.authoring import editor, files, history, publication, words

ROUTES: tuple[tuple[str, Any, str], ...] = (
    ("new/", files.begin, "journey-new"),
    ("edit/<slug:key>/", editor.page, "journey-editor"),
    ("edit/<slug:key>/lint/", editor.lint, "journey-lint"),
    ("edit/<slug:key>/versions/", history.page, "journey-versions"),
    ("edit/<slug:key>/versions/<int:number>/put-back/", history.put_back, "journey-put-back"),
    ("edit/<slug:key>/publish/", publication.page, "journey-publish"),
    ("edit/<slug:key>/translations/", words.page, "journey-words"),
    ("edit/<slug:key>/translations/import/", words.take, "journey-words-import"),
    ("edit/<slug:key>/translations/<slug:language>.<slug:form>", words.export, "journey-words-export"),
    ("edit/<slug:key>/file/", files.download, "journey-file"),
    ("edit/<slug:key>/duplicate/", files.duplicate, "journey-duplicate"),
)


def urls() -> list[URLPattern]:
    """Below the list of journeys, before Django's own pages."""
    return [path(route, admin.site.admin_view(view), name=name) for route, view, name in ROUTES]
