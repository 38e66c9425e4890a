"""How does a person import a file of customers? Upload, columns, dry run, confirmation, progress, reasons."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from common.admin import Ledger
from common.problems import Problem
from customers import mapping, mapping_cells, tasks
from customers.models import MappingImport

SHOWN = 100
ACTIONS = ("check", "confirm", "cancel", "resume")


class Upload(forms.Form):
    """The file."""

    file = forms.FileField(label="CSV file")


class Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


class AsOf(forms.Form):
    """When the file was made."""

    as_of = forms.DateTimeField(required=False)


@admin.register(MappingImport)
class MappingImportAdmin(Ledger):
    """Every import; a row leads to its steps."""

    list_display = ("public_id", "name", "state", "rows", "next_row", "created_by", "confirmed_by", "created_at")
    list_filter = ("state",)
    exclude = ("path",)
    ordering = ("-id",)
    change_form_template = "backoffice/import_link.html"
    change_list_template = "backoffice/import_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("upload/", view(self.upload_view), name="import-upload"),
            path("<int:pk>/steps/", view(self.steps_view), name="import-steps"),
            path("<int:pk>/reasons.csv", view(self.reasons_view), name="import-reasons"),
        ]
        return [*own, *super().get_urls()]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Takes the file; its columns come next."""
        _allowed(request)
        form = Upload(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data["file"]
            try:
                work = mapping.upload(file=given, name=given.name, actor=_actor(request))
            except Problem as problem:
                form.add_error("file", problem.detail)
            else:
                return redirect("admin:import-steps", work.pk)
        context = {**self.admin_site.each_context(request), "title": "Import customers", "form": form}
        return render(request, "backoffice/import_upload.html", context)

    def steps_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where the import is, and what may be done next."""
        _allowed(request)
        work = get_object_or_404(MappingImport, pk=pk)
        if request.method == "POST":
            try:
                self._act(request, work)
            except Problem as problem:
                messages.error(request, problem.detail)
            return redirect("admin:import-steps", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Import of {work.name}",
            "work": work,
            "trusts": mapping_cells.TRUSTS,
            "targets": [*mapping_cells.ALIASES],
            "reasons": list(mapping.reasons(work, limit=SHOWN)),
            "counts": work.counts.get("run") or work.counts.get("check") or {},
        }
        return render(request, "backoffice/import_steps.html", context)

    def reasons_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """The rows about which something is to be said, as a file that a spreadsheet shows and never runs."""
        _allowed(request)
        work = get_object_or_404(MappingImport, pk=pk)
        lines = csv.writer(Echo(), quoting=csv.QUOTE_ALL)

        def rows() -> Iterator[str]:
            yield lines.writerow(["row", "outcome", "reasons"])
            yield from (lines.writerow(row) for row in mapping.reasons(work))

        headers = {"Content-Disposition": f'attachment; filename="reasons-{work.public_id}.csv"'}
        return StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8", headers=headers)

    def _act(self, request: HttpRequest, work: MappingImport) -> None:
        act, actor = request.POST.get("act", ""), _actor(request)
        if act == "cancel":
            mapping.cancel(work=work, actor=actor)
            return
        if act == "check":
            form = AsOf(request.POST)
            as_of = form.cleaned_data["as_of"] if form.is_valid() else None
            mapping.choose(work=work, columns=_chosen(request, work), as_of=as_of)
        elif act == "confirm":
            mapping.confirm(work=work, actor=actor, with_links="with_links" in request.POST)
        if act in ACTIONS:
            tasks.work_on_import.delay(work.pk)
            messages.info(request, "It runs in the background; this page shows how far it is.")


def _chosen(request: HttpRequest, work: MappingImport) -> list[dict[str, Any]]:
    return [
        {
            "header": one["header"],
            "target": request.POST.get(f"target-{number}", "").strip(),
            "trust": request.POST.get(f"trust-{number}", "ignore"),
        }
        for number, one in enumerate(work.columns)
    ]


def _allowed(request: HttpRequest) -> None:
    if not request.user.has_perm("customers.run_import"):
        raise PermissionDenied


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.pk}"
