"""How do editors see articles? A list, a form, publish and withdraw; pages of their own to try, compare and import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from unfold.decorators import action, display

from common import numbers
from common.admin import Page, asks
from common.problems import Problem
from conversations.answers import articles, misses, pages
from conversations.answers.article_form import ArticleForm
from conversations.models import Article, Miss

PUBLISH = "conversations.publish_article"


@admin.register(Article)
class ArticlePage(Page):
    """Who may not publish writes drafts only: a published article changes what the bot says."""

    form = ArticleForm
    list_display = (
        "title",
        "key",
        "language",
        "shown_state",
        "audience",
        "valid_to",
        "helped",
        "left_open",
        "updated_at",
    )
    list_filter = ("state", "language", "audience")
    search_fields = ("title", "key", "body")
    ordering = ("key", "language")
    fieldsets = (
        (None, {"fields": ("key", "language", "title", "body", "aliases")}),
        ("For whom, and when", {"fields": ("audience", "valid_from", "valid_to")}),
        ("Hand over after the answer", {"fields": ("skill", "referrer", "channel")}),
    )
    read_only = (
        (None, {"fields": ("key", "language", "title", "body", "aliases")}),
        ("For whom, and when", {"fields": ("audience", "valid_from", "valid_to", "hand_over")}),
    )
    actions = ("publish_all", "withdraw_all")
    actions_detail = ("publish", "withdraw", "try_it", "versions")
    change_list_template = "backoffice/article_list.html"

    def get_urls(self) -> list[URLPattern]:
        return [*pages.urls(), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        rows: QuerySet[Article] = super().get_queryset(request)
        return rows.defer("search", "words")

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        may_write = self.has_change_permission(request, obj) if obj else True
        return self.fieldsets if may_write else self.read_only

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        is_live = obj is not None and obj.state == Article.State.PUBLISHED
        return bool(super().has_change_permission(request, obj)) and (not is_live or request.user.has_perm(PUBLISH))

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        is_live = obj is not None and obj.state == Article.State.PUBLISHED
        return bool(super().has_delete_permission(request, obj)) and (not is_live or request.user.has_perm(PUBLISH))

    def has_publish_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return bool(request.user.has_perm(PUBLISH))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        known = Article.objects.get(pk=obj.pk) if change else None
        obj.pk = articles.save(article=known, values=form.values(), by=request.user).pk
        if not change and (written := numbers.whole(request.GET.get("miss", ""), digits=18)):
            misses.resolve(Miss.objects.filter(pk=written), by=request.user)

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        articles.remove([obj], by=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        articles.remove(queryset, by=request.user)

    @display(description="state", label={"published": "success", "draft": "warning"})
    def shown_state(self, article: Article) -> str:
        return article.state

    @action(
        description="Publish",
        permissions=["publish"],
        dialog=asks("Publish this article?", "The bot answers with it from now on.", "Publish"),
    )
    def publish(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        try:
            articles.publish([Article.objects.get(pk=object_id)], by=request.user)
        except Problem as problem:
            messages.error(request, problem.detail)
        else:
            messages.success(request, "It is published: the bot answers with it.")
        return self.back(object_id)

    @action(
        description="Withdraw",
        permissions=["publish"],
        dialog=asks(
            "Withdraw this article?", "The bot does not know it any more; it stays here as a draft.", "Withdraw"
        ),
    )
    def withdraw(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        articles.withdraw([Article.objects.get(pk=object_id)], by=request.user)
        messages.success(request, "It is a draft again.")
        return self.back(object_id)

    @action(description="Try a question")
    def try_it(self, request: HttpRequest, object_id: str) -> HttpResponse:
        row = Article.objects.only("title", "language").get(pk=object_id)
        where = redirect("admin:article-try")
        where["Location"] += f"?{pages.query(question=row.title, language=row.language)}"
        return where

    @action(description="Languages")
    def versions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:article-versions", Article.objects.values_list("key", flat=True).get(pk=object_id))

    @admin.action(description="Publish", permissions=["publish"])
    def publish_all(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        messages.success(request, f"{articles.publish(queryset, by=request.user)} published.")

    @admin.action(description="Withdraw", permissions=["publish"])
    def withdraw_all(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        messages.success(request, f"{articles.withdraw(queryset, by=request.user)} are drafts again.")
