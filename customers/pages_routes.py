"""Which address of the back office leads to which page about people? All behind the admin's login."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path

from customers import (
    pages_conflicts,
    pages_merge,
    pages_person,
    pages_policy,
    pages_privacy,
    pages_split,
    pages_suggestions,
)

DECIDE = pages_suggestions.decide
ROUTES: tuple[tuple[str, Any, dict[str, str], str], ...] = (
    ("person/<uuid:public_id>/", pages_person.page, {}, "person"),
    ("person/<uuid:public_id>/reveal/", pages_person.reveal, {}, "person-reveal"),
    ("person/<uuid:public_id>/consent/", pages_person.add_consent, {}, "person-consent"),
    ("person/<uuid:public_id>/timeline/", pages_person.timeline, {}, "person-timeline"),
    ("person/<uuid:public_id>/fact/", pages_person.put_right, {}, "person-fact"),
    ("person/<uuid:public_id>/merge/", pages_merge.page, {}, "person-merge"),
    ("person/<uuid:public_id>/propose/", pages_merge.propose, {}, "person-propose"),
    ("person/<uuid:public_id>/together/", pages_merge.together, {}, "person-together"),
    ("person/<uuid:public_id>/split/", pages_split.page, {}, "person-split"),
    ("person/<uuid:public_id>/erase/", pages_privacy.erase, {}, "person-erase"),
    ("person/<uuid:public_id>/export/", pages_privacy.export, {}, "person-export"),
    ("erasures/<uuid:erasure_id>/", pages_privacy.receipt, {}, "erasure"),
    ("person/link/<uuid:link_id>/undo/", pages_person.undo, {}, "link-undo"),
    ("suggestions/", pages_suggestions.queue, {}, "suggestions"),
    ("suggestions/reject/", pages_suggestions.reject_many, {}, "suggestions-reject"),
    ("suggestions/<uuid:suggestion_id>/accept/", DECIDE, {"verb": "accept"}, "suggestion-accept"),
    ("suggestions/<uuid:suggestion_id>/reject/", DECIDE, {"verb": "reject"}, "suggestion-reject"),
    ("suggestions/<uuid:suggestion_id>/reopen/", DECIDE, {"verb": "reopen"}, "suggestion-reopen"),
    ("suggestions/<uuid:suggestion_id>/snooze/", DECIDE, {"verb": "snooze"}, "suggestion-snooze"),
    ("conflicts/", pages_conflicts.queue, {}, "conflicts"),
    ("conflicts/<uuid:conflict_id>/settle/", pages_conflicts.settle, {}, "conflict-settle"),
    ("policy/", pages_policy.page, {}, "identity-policy"),
)


def urls() -> list[URLPattern]:
    """Below the list of customers, before Django's own pages."""
    return [path(route, admin.site.admin_view(view), kwargs, name) for route, view, kwargs, name in ROUTES]
