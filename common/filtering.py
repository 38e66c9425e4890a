"""Which query parameters does an API list take? Those that its view names; any other is refused, not ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend  # type: ignore[import-untyped]  # it ships no types
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

PAGING = ("cursor_query_param", "page_size_query_param")


def plain(request: Request) -> Mapping[str, str]:
    """The query parameters, or 400 where one holds a NUL, which the database takes in no text."""
    unfit = [name for name, value in request.query_params.items() if "\0" in f"{name}{value}"]
    if unfit:
        raise ValidationError({name.replace("\0", ""): ["This holds a character that no text has."] for name in unfit})
    asked: Mapping[str, str] = request.query_params
    return asked


class KnownParameters(DjangoFilterBackend):  # type: ignore[misc]  # see the import
    """django-filter, for the parameters of the filter set, of the pages, and of the view's `known_parameters`."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        filters = self.get_filterset_class(view, queryset)
        known = {*(filters.base_filters if filters else ()), *getattr(view, "known_parameters", ())}
        known |= {getattr(view.paginator, name, None) for name in PAGING}
        strange = sorted(set(request.query_params) - known)
        if strange:
            raise ValidationError({name: ["There is no such parameter."] for name in strange[:10]})
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered
