"""Where do people keep the words that they send often? The page of ready replies and macros."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from handover import canned, macros, ready
from handover.inbox.access import for_agents
from handover.inbox.ready_forms import MacroForm, ReplyForm, StepForms
from handover.models import Agent, CannedReply, Macro

Row = CannedReply | Macro
MOST = 200  # of each kind on the page; letters find the others
KINDS: dict[str, type[Row]] = {"replies": CannedReply, "macros": Macro}


@require_safe
@for_agents
def listed(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What this agent may use, with a way to change what they may: the first of each, or what some letters find."""
    typed = request.GET.get("q", "")[:60].replace("\0", "").strip()
    replies = canned.matching(ready.visible(CannedReply.objects.select_related("queue"), agent), typed)
    found = macros.matching(ready.visible(Macro.objects.select_related("queue"), agent), typed)
    context = {
        "agent": agent,
        "typed": typed,
        "most": MOST,
        "numbers": {"replies": replies.count(), "macros": found.count()},
        "replies": _rows(replies.order_by("shortcut", "language", "pk")[:MOST], agent),
        "macros": _rows(found.order_by("title", "pk")[:MOST], agent),
    }
    return render(request, "inbox/ready_words.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_agents
def edit(request: HttpRequest, agent: Agent, kind: str, row_id: UUID | None = None) -> HttpResponse:
    """New words, or others in the place of these; a stranger's are not there."""
    row = _changeable(kind, row_id, agent) if row_id else None
    is_macro = _model(kind) is Macro
    form = (MacroForm if is_macro else ReplyForm)(request.POST or None, instance=row, agent=agent)
    steps = _steps(request, row) if is_macro else None
    if request.method == "POST" and form.is_valid() and (steps is None or _takes(form, steps)):
        form.save()
        messages.success(request, _("“%(title)s” is kept.") % {"title": form.instance.title})
        return redirect("inbox:ready-words")
    context = {"agent": agent, "form": form, "steps": steps, "kind": kind, "row": row, "places": ready.PLACES}
    status = 400 if request.method == "POST" else 200
    return render(request, "inbox/ready_edit.html", context, status=status)


@require_POST
@for_agents
def remove(request: HttpRequest, agent: Agent, kind: str, row_id: UUID) -> HttpResponse:
    """Gone for everybody who had them."""
    row = _changeable(kind, row_id, agent)
    row.delete()
    messages.success(request, _("“%(title)s” is removed.") % {"title": row.title})
    return redirect("inbox:ready-words")


def _steps(request: HttpRequest, row: Row | None) -> Any:
    actions = macros.read(row.actions) if isinstance(row, Macro) else []
    return StepForms(request.POST or None, initial=actions, prefix="step")


def _takes(form: Any, steps: Any) -> bool:
    """The steps of a macro, checked as a whole; what is wrong with them is said above the form."""
    if not steps.is_valid():
        return False
    actions = [action for action in (step.action() for step in steps) if action]
    if flaw := macros.flaw(actions):
        form.add_error(None, flaw)
        return False
    form.instance.actions = actions
    return True


def _model(kind: str) -> type[Row]:
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]


def _changeable(kind: str, row_id: UUID, agent: Agent) -> Row:
    row = _model(kind)._default_manager.filter(public_id=row_id).first()
    if row is None or not ready.may_change(agent, owner_id=row.owner_id, queue_id=row.queue_id):
        raise Http404
    return row


def _rows(found: Any, agent: Agent) -> list[dict[str, Any]]:
    leads = set(ready.led(agent).values_list("pk", flat=True))
    is_admin = agent.user.is_superuser
    return [
        {
            "row": row,
            "steps": macros.read(row.actions) if isinstance(row, Macro) else [],
            "is_mine": row.owner_id == agent.pk,
            "may": row.owner_id == agent.pk or is_admin or row.queue_id in leads,
        }
        for row in found
    ]
