"""Which pages help editors? Try a question, the versions of an article side by side, import and export, the backlog."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from common import clock
from conversations import knowledge
from conversations.answers import files, importing, misses, vocabulary
from conversations.answers.plain import plain
from conversations.models import Article, Miss
from customers import pages

VIEW, ADD, CHANGE = (f"conversations.{verb}_article" for verb in ("view", "add", "change"))
PUBLISH = "conversations.publish_article"
SEE_MISSES, CHANGE_MISSES = "conversations.view_miss", "conversations.change_miss"
MOST = 20 << 20  # bytes of a file that comes through the browser
SHOWN = 200  # lines of a report


class Upload(forms.Form):
    """One Markdown file, or an archive of them."""

    file = forms.FileField(label="Markdown file or ZIP")

    def clean_file(self) -> UploadedFile[bytes]:
        given: UploadedFile[bytes] = self.cleaned_data["file"]
        if (given.size or 0) > MOST:
            raise forms.ValidationError(f"The file is larger than {MOST >> 20} MB: use manage.py import_articles.")
        return given


def urls() -> list[URLPattern]:
    """Below the list of articles, before Django's own pages."""
    view = admin.site.admin_view
    return [
        path("try/", view(try_page), name="article-try"),
        path("versions/<slug:key>/", view(versions_page), name="article-versions"),
        path("import/", view(import_page), name="article-import"),
        path("export.zip", view(export_view), name="article-export"),
        path("backlog/", view(backlog_page), name="article-backlog"),
        path("backlog/<int:pk>/", view(decide), name="article-backlog-decide"),
    ]


def query(**values: str) -> str:
    """The part of an address behind the question mark."""
    return urlencode({name: value for name, value in values.items() if value})


def try_page(request: HttpRequest) -> HttpResponse:
    """What the bot would say to a question, and why: ranks, the decision, the runner-up."""
    pages.needs(request, VIEW)
    asked = request.GET
    question, language = asked.get("question", "")[:500], asked.get("language", "")
    context: dict[str, Any] = {"question": question, "language": language, "languages": sorted(vocabulary.editions())}
    context |= {"private": "private" in asked, "found": None}
    if question.strip():
        context |= _tried(question, language, "private" in asked)
    return pages.show(request, "article_try", "Try a question", **context)


def versions_page(request: HttpRequest, key: str) -> HttpResponse:
    """The same article in each of its languages, as a customer reads it."""
    pages.needs(request, VIEW)
    rows = list(Article.objects.defer("search", "words").filter(key=key).order_by("language"))
    known = set(Article.objects.order_by().values_list("language", flat=True).distinct())
    return pages.show(
        request,
        "article_versions",
        f"Languages of {key}",
        key=key,
        rows=[{"row": row, "words": plain(row.body)} for row in rows],
        missing=sorted({*known, settings.KNOWLEDGE_LANGUAGE} - {row.language for row in rows}),
        may_add=request.user.has_perm(ADD),
    )


def import_page(request: HttpRequest) -> HttpResponse:
    """Checks a file, or imports it: all of its articles, or none and the lines that are wrong."""
    pages.needs(request, VIEW, ADD, CHANGE)
    form = Upload(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        given, is_dry = form.cleaned_data["file"], "import" not in request.POST
        try:
            report = importing.run(
                files.from_upload(given, given.name),
                by=request.user,
                is_dry=is_dry,
                publishes="publish" in request.POST and request.user.has_perm(PUBLISH),
            )
        except OSError as error:
            form.add_error("file", str(error))
        else:
            if not is_dry and not report.troubles:
                messages.success(request, f"{len(report.created)} new, {len(report.updated)} changed.")
                return redirect("admin:conversations_article_changelist")
    context: dict[str, Any] = {"form": form, "report": report, "shown": SHOWN, "most": MOST >> 20}
    return pages.show(
        request, "article_import", "Import articles", may_publish=request.user.has_perm(PUBLISH), **context
    )


def export_view(request: HttpRequest) -> HttpResponse:
    """Every article as Markdown."""
    pages.needs(request, VIEW)
    rows = Article.objects.defer("search", "words").order_by("language", "key")
    headers = {"Content-Disposition": f'attachment; filename="articles-{clock.now():%Y-%m-%d}.zip"'}
    return HttpResponse(importing.export(rows), content_type="application/zip", headers=headers)


def backlog_page(request: HttpRequest) -> HttpResponse:
    """The questions that nobody could answer, the most frequent first."""
    pages.needs(request, SEE_MISSES)
    is_done = request.GET.get("status") == "done"
    shown = Paginator(misses.backlog(is_resolved=is_done), 50).get_page(request.GET.get("page"))
    rows = [
        {
            "row": miss,
            "write": query(
                title=miss.question[:200], language=miss.language or settings.KNOWLEDGE_LANGUAGE, miss=str(miss.pk)
            ),
            "try": query(question=miss.question, language=miss.language),
        }
        for miss in shown.object_list
    ]
    rights = {"may_add": request.user.has_perm(ADD), "may_decide": request.user.has_perm(CHANGE_MISSES)}
    return pages.show(
        request, "article_backlog", "Unanswered questions", rows=rows, page=shown, is_done=is_done, **rights
    )


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Done with, or open again."""
    pages.needs(request, SEE_MISSES, CHANGE_MISSES)
    miss = get_object_or_404(Miss, pk=pk)
    if "reopen" in request.POST:
        misses.reopen([miss])
    else:
        misses.resolve([miss], by=request.user)
    return redirect("admin:article-backlog")


def badge(request: HttpRequest) -> str | None:
    """How many questions wait, beside the link in the side bar."""
    waiting = Miss.objects.filter(resolved_at=None).values("pk")[:100].count()
    return "99+" if waiting >= 100 else str(waiting or "") or None


def _tried(question: str, language: str, private: bool) -> dict[str, Any]:
    languages = knowledge.spoken(language)
    found = knowledge.find(question, languages=languages, private=private, at_home=language)
    rows = Article.objects.defer("search", "words").in_bulk([hit.id for hit in found.hits])
    return {
        "found": found,
        "looked_in": languages,
        "hits": [{"hit": hit, "row": rows[hit.id]} for hit in found.hits],
        "words": plain(rows[found.best.id].body) if found.decision == "sure" else "",
        "ratio": round(found.hits[0].rank / found.hits[1].rank, 1)
        if len(found.hits) > 1 and found.hits[1].rank
        else None,
        "min_rank": settings.KNOWLEDGE_MIN_RANK,
        "gap": settings.KNOWLEDGE_GAP,
    }
