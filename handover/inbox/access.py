"""Who may open this? An agent, and only what `sight.visible_to` shows; "not yours" and "not there" look alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _

from common.problems import Problem
from conversations.held import ERASED
from conversations.models import Conversation
from customers import tombstones
from handover import noting, reads, sight
from handover.inbox import staff
from handover.models import Agent

P = ParamSpec("P")
PANE = "X-Inbox-Pane"  # a script asks for a part of a page, or acts: it is answered in JSON when it may not


def for_agents(
    view: Callable[Concatenate[HttpRequest, Agent, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Hands the agent to the view, or answers with the login page, 401 or 403; nothing of it is cached. What is not
    there is a problem document for a script, the page of that name else."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        agent = staff.at_desk(request.user)
        with override(agent.language if agent else language_asked(request)):
            try:
                response = view(request, agent, *args, **kwargs) if agent else _refusal(request)
            except Http404:
                if not is_script(request):
                    raise
                response = refused(NotHere())
            except tombstones.Erased as problem:
                response = _erased(request, problem)
            except reads.TooManyReads as problem:
                response = _too_many(request, problem)
        patch_cache_control(response, private=True, no_store=True)
        response.headers["Vary"] = f"Cookie, Accept, {PANE}"
        return response

    return guarded


def language_asked(request: HttpRequest) -> str:
    """Before anybody has logged in: what the browser asks for, of what there is."""
    return get_language_from_request(request)


def conversation_for(agent: Agent, public_id: UUID) -> Conversation:
    """The conversation if the agent may see it, else 404; `tombstones.Erased` if its person was erased. It counts as
    read (`reads.TooManyReads`)."""
    rows = sight.visible_to(agent, with_erased=True).filter(public_id=public_id)
    found = rows.select_related("customer__root", "rating").first()
    if found is None:
        raise Http404
    if found.close_reason == ERASED:
        raise tombstones.Erased
    reads.note(user_id=agent.user_id, conversations=(found.pk,))
    return found


def was_done(request: HttpRequest, agent: Agent, conversation: UUID) -> bool:
    """Has the form that comes again written its note there? Then it has done the rest, too, whoever sees it now."""
    try:
        client_id = UUID(request.POST.get("client_id", ""))
    except ValueError:
        return False
    return noting.author(conversation, str(client_id)) == agent.pk


def is_script(request: HttpRequest) -> bool:
    """Does one of our scripts ask, which wants JSON or a fragment and no redirect?"""
    return PANE in request.headers or "application/json" in request.headers.get("Accept", "")


def refused(problem: Problem) -> JsonResponse:
    """A refusal as a problem document; the code is stable."""
    body: dict[str, Any] = {"code": problem.code, "title": _(problem.title), "status": problem.status}
    detail = {"detail": said(problem)} if problem.detail else {}
    return JsonResponse(
        {**body, **detail, **problem.extra}, status=problem.status, content_type="application/problem+json"
    )


def said(problem: Problem) -> str:
    """A refusal in one sentence of the reader's language."""
    return _(problem.detail or problem.title)


class NotLoggedIn(Problem):
    code = "not_logged_in"
    title = "Please log in again."
    status = 401


class StaleToken(Problem):
    code = "csrf_failed"
    title = "This page is from before the last login in this browser. Load it again."
    status = 403


class NotHere(Problem):
    code = "not_found"
    title = "This is not there any more, or not yours to see."
    status = 404


class NoDesk(Problem):
    code = "no_desk"
    title = "Your account has no desk. An administrator can add you to a queue."
    status = 403


def _erased(request: HttpRequest, problem: tombstones.Erased) -> HttpResponseBase:
    """Nothing is there any more, and that is said."""
    if is_script(request):
        return refused(problem)
    return render(request, "inbox/erased.html", {"problem": problem}, status=problem.status)


def _too_many(request: HttpRequest, problem: reads.TooManyReads) -> HttpResponseBase:
    """Nothing more is shown for a while."""
    response: HttpResponse = (
        refused(problem)
        if is_script(request)
        else render(request, "inbox/too_many.html", {"problem": problem}, status=problem.status)
    )
    response.headers["Retry-After"] = str(problem.extra["retry_after"])
    return response


def _refusal(request: HttpRequest) -> HttpResponseBase:
    problem = NoDesk() if request.user.is_authenticated else NotLoggedIn()
    if is_script(request):
        return refused(problem)
    if isinstance(problem, NoDesk):
        was_closed = request.user.is_authenticated and Agent.objects.filter(user_id=request.user.pk).exists()
        context = {"problem": problem, "was_closed": was_closed}
        return render(request, "inbox/no_desk.html", context, status=problem.status)
    return redirect_to_login(request.get_full_path(), reverse("inbox:login"))
