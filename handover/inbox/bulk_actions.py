"""What can be done to the rows that an agent has chosen? One form, an answer that names what was refused, an undo."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common import clock, numbers
from common.problems import Problem
from handover import bulk, filters, refusals, sight
from handover.bulk_verbs import VERBS
from handover.inbox import access, naming, staff, targets
from handover.inbox.access import for_agents
from handover.models import Agent, BulkAction, Queue, Tag

AT_REST = ("close", "park")  # of these a word that came in while one chose is not passed over
NAMED = 50  # refusals that are told one by one


class BulkForm(forms.Form):
    """What, and with what; the conversations are read beside it."""

    verb = forms.ChoiceField(choices=[(verb, verb) for verb in VERBS])
    to = forms.CharField(max_length=100, required=False)
    tag = forms.ModelChoiceField(Tag.objects.filter(is_archived=False), to_field_name="key", required=False)
    hours = forms.IntegerField(min_value=1, max_value=168, required=False)
    note = forms.CharField(max_length=4000, required=False, strip=True)


@require_POST
@for_agents
def act(request: HttpRequest, agent: Agent) -> HttpResponse:
    """Does it, or begins to: `status` says which."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        return access.refused(bulk.BadBulk())
    try:
        ids = [UUID(one) for one in _many(request, "ids")]
        options = _options(agent, form.cleaned_data) | _seen(request)
        action = bulk.start(agent=agent, verb=form.cleaned_data["verb"], options=options, ids=ids)
    except ValueError:
        return access.refused(bulk.BadBulk())
    except Problem as problem:
        return access.refused(problem)
    return JsonResponse(_told(agent, action))


@require_safe
@for_agents
def standing(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """How far it is."""
    return JsonResponse(_told(agent, _own(agent, public_id)))


@require_POST
@for_agents
def undo(request: HttpRequest, agent: Agent, public_id: UUID) -> HttpResponse:
    """Takes it back, while there is time, or begins to."""
    action = _own(agent, public_id)
    try:
        return JsonResponse(_told(agent, bulk.undo(action=action, agent=agent)))
    except Problem as problem:
        return access.refused(problem)


@require_safe
@for_agents
def targets_listed(request: HttpRequest, agent: Agent) -> HttpResponse:
    """To whom many can go, and about what they can be."""
    queues = [(f"queue:{queue.key}", queue.title) for queue in filters.queues_of(agent)]
    colleagues = Agent.objects.filter(is_active=True, user__is_active=True).exclude(pk=agent.pk).order_by("name")
    people = [(f"agent:{staff.ref(pk)}", name) for pk, name in colleagues.values_list("pk", "name")[: targets.MOST]]
    tags = Tag.objects.filter(is_archived=False).order_by("title").values_list("key", "title")
    return JsonResponse(
        {
            "to": [{"value": value, "title": title} for value, title in (*queues, *people)],
            "tags": [{"value": value, "title": title} for value, title in tags],
        }
    )


def _own(agent: Agent, public_id: UUID) -> BulkAction:
    """Somebody else's and none look alike."""
    action = BulkAction.objects.filter(agent=agent, public_id=public_id).first()
    if action is None:
        raise Http404
    return action


def _options(agent: Agent, given: dict[str, Any]) -> dict[str, Any]:
    if given["verb"] == "tag":
        return {"tag": given["tag"].key} if given["tag"] else {}
    if given["verb"] == "park":
        until = clock.now() + timedelta(hours=given["hours"]) if given["hours"] else None
        return {"until": until.isoformat()} if until else {}
    if given["verb"] != "assign" or given["to"] in ("", "me"):
        return {}
    found = targets.read(given["to"])
    if found is None:
        raise bulk.BadBulk()
    note = {"note": given["note"]} if given["note"] else {}
    return {"queue" if isinstance(found, Queue) else "agent": found.pk, **note}


def _seen(request: HttpRequest) -> dict[str, Any]:
    """How far the agent had read each when they chose it; without it nothing that came in since is looked for."""
    ids, seen = _many(request, "ids"), _many(request, "seen")
    if request.POST.get("verb") not in AT_REST or not seen:
        return {}
    numbered = {one: numbers.whole(seq, digits=18) for one, seq in zip(ids, seen, strict=True)}
    return {"seen": {one: seq for one, seq in numbered.items() if seq is not None}}


def _many(request: HttpRequest, name: str) -> list[str]:
    """Parted by commas in one field: of fields there may be some hundreds only."""
    return [one for given in request.POST.getlist(name) for one in given.split(",")]


def _told(agent: Agent, action: BulkAction) -> dict[str, Any]:
    refused = bulk.kept(action) if bulk.is_taken_back(action) else action.refused
    return {
        "id": str(action.public_id),
        "status": action.status,
        "verb": action.verb,
        "wanted": len(action.wanted),
        "done": len(action.before),
        "undone": bulk.put_back(action),
        "refused": _named(agent, refused),
        "refused_number": len(refused),
        "unseen": [one for one, code in action.refused.items() if code == refusals.UnseenMessages.code],
        "undo_seconds": int(bulk.UNDO_FOR.total_seconds()) if bulk.may_undo(action) else 0,
    }


def _named(agent: Agent, refused: dict[str, str]) -> list[dict[str, str]]:
    """Why each was refused, in words; those that the agent may not see have no name."""
    ids = list(refused)[:NAMED]
    seen = sight.visible_to(agent).filter(public_id__in=ids).values_list("public_id", "customer__root_id")
    roots = {str(public_id): root for public_id, root in seen}
    names = naming.names(set(roots.values())) if roots else {}
    reasons = _reasons()
    return [
        {"id": one, "name": names.get(roots.get(one, 0), ""), "why": reasons.get(refused[one], refused[one])}
        for one in ids
    ]


def _reasons() -> dict[str, str]:
    return {
        "not_found": _("not there, or not yours to see"),
        "already_taken": _("a colleague has it"),
        "already_closed": _("closed already"),
        "not_yours": _("not yours"),
        "not_leading": _("only a supervisor may do this"),
        "owner_moved": _("somebody else was faster"),
        "unseen_messages": _("the customer has written since"),
        "target_away": _("that colleague is not there"),
        "target_has_it": _("it is there already"),
        "target_gone": _("there is no such colleague or queue any more"),
        "not_parked": _("not parked any more"),
        "goes_on": _("the customer has another conversation by now"),
        "not_closed": _("not closed any more"),
    }
