"""How does a person import a file of customers? Upload, columns, dry run, confirmation, progress, left-out rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from common.admin import Ledger
from common.problems import Problem
from customers import import_pages, mapping, mapping_report, mapping_undo, mapping_words, pages, tasks
from customers.models import MappingImport

MOST = 200 << 20  # bytes of a file that comes through the browser


class Upload(forms.Form):
    """The file."""

    file = forms.FileField(label="CSV file")

    def clean_file(self) -> UploadedFile[bytes]:
        """No more than a browser should be asked to send in one go."""
        given: UploadedFile[bytes] = self.cleaned_data["file"]
        if (given.size or 0) > MOST:
            raise forms.ValidationError(f"The file is larger than {MOST >> 20} MB: use manage.py import_mapping.")
        return given


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
            path("upload/", view(upload_view), name="import-upload"),
            path("<int:pk>/steps/", view(steps_view), name="import-steps"),
            path("<int:pk>/progress.json", view(progress_view), name="import-progress"),
            path("<int:pk>/reasons.csv", view(reasons_view), name="import-reasons"),
        ]
        return [*own, *super().get_urls()]


def upload_view(request: HttpRequest) -> HttpResponse:
    """Takes the file; its columns come next."""
    _allowed(request)
    form = Upload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            work = mapping.upload(file=given, name=given.name, actor=pages.actor(request))
        except Problem as problem:
            form.add_error("file", problem.detail)
        else:
            return redirect("admin:import-steps", work.pk)
    return pages.show(request, "import_upload", "Import customers", form=form, most=MOST >> 20)


def steps_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the import is, and what may be done next."""
    work = _work(request, pk)
    if request.method == "POST":
        try:
            _act(request, work)
        except Problem as problem:
            messages.error(request, problem.detail)
        return redirect("admin:import-steps", pk)
    return pages.show(request, "import_steps", f"Import of {work.name}", work=work, **import_pages.shown(work))


def progress_view(request: HttpRequest, pk: int) -> JsonResponse:
    """How far it is, for the page that asks again and again."""
    work = _work(request, pk)
    words = mapping_words.progress(work, mapping.is_asked(work))
    return JsonResponse({"state": work.state, "percent": work.percent, "words": words})


def reasons_view(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The rows about which something is to be said, as a file that a spreadsheet shows and never runs."""
    work = _work(request, pk)
    headers = {"Content-Disposition": f'attachment; filename="reasons-{work.public_id}.csv"'}
    return StreamingHttpResponse(mapping_report.lines(work), content_type="text/csv; charset=utf-8", headers=headers)


def _act(request: HttpRequest, work: MappingImport) -> None:
    act, actor = request.POST.get("act", ""), pages.actor(request)
    if act == "cancel":
        mapping.cancel(work=work, actor=actor)
    elif act == "forget":
        mapping_report.forget(work)
    elif act == "unlink":
        pages.needs(request, pages.SPLIT)
        count = mapping_undo.unlink(work=work, actor=actor)
        messages.info(request, f"{count} link{'' if count == 1 else 's'} of this import undone.")
    elif act == "check":
        form = AsOf(request.POST)
        if not form.is_valid():
            messages.error(request, "When the file was made: a time such as 2026-05-03 12:00.")
            return
        mapping.choose(work=work, columns=_chosen(request, work), as_of=form.cleaned_data["as_of"])
        mapping.ask(work)
        tasks.work_on_import.delay(work.pk)
    elif act in ("confirm", "resume"):
        if act == "confirm":
            mapping.confirm(work=work, actor=actor, with_links="with_links" in request.POST)
        tasks.work_on_import.delay(work.pk)


def _chosen(request: HttpRequest, work: MappingImport) -> list[dict[str, Any]]:
    return [
        {
            "header": one["header"],
            "target": request.POST.get(f"target-{number}", "").strip(),
            "trust": request.POST.get(f"trust-{number}", "ignore"),
        }
        for number, one in enumerate(work.columns)
    ]


def _work(request: HttpRequest, pk: int) -> MappingImport:
    _allowed(request)
    return get_object_or_404(MappingImport, pk=pk)


def _allowed(request: HttpRequest) -> None:
    if not request.user.has_perm("customers.run_import"):
        raise PermissionDenied
