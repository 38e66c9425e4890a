"""What does the pane of a list show? The view, its filter, its rows, and what went wrong with either."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest

from handover import filters, saved_views
from handover.filters import Filter
from handover.inbox import access, filtering, lists, search
from handover.inbox.lists import View
from handover.models import Agent


def context(
    request: HttpRequest, agent: Agent, views: list[View], key: str, *, is_beside: bool = False
) -> dict[str, Any]:
    """The list of a view, narrowed by the query string; one that cannot be understood shows why, and no rows.

    `is_beside`: a conversation is what was asked for, and a list that is not there is no reason to refuse it.
    """
    queues = [view.queue for view in views if view.queue is not None]
    set_here, refusal = _filter(request, agent)
    key = lists.everything().key if set_here.q else key  # whom one looks for may be anywhere
    chosen = next((view for view in (*views, lists.everything()) if view.key == key), None)
    if chosen is None and is_beside:
        chosen = views[0]
    if chosen is None:
        raise Http404
    set_here = set_here.beyond(chosen.filter)
    asked = set_here.over(chosen.filter)
    controls = [one for one in filtering.menu(asked, queues) if one.name not in chosen.filter.to_json()]
    led, shares_with_all = saved_views.sharing(agent, queues) if set_here else ([], False)
    return {
        "views": views,
        "view": chosen,
        "asked": asked,
        "set_here": set_here,
        "refusal": refusal,
        "controls": controls,
        "chips": filtering.chips(chosen, set_here, controls),
        "led": led,
        "shares_with_all": shares_with_all,
        "filter_json": json.dumps(asked.to_json()),
        "q": asked.q,
        **_rows(request, agent, chosen, asked, set_here, is_readable=not refusal),
    }


def _rows(
    request: HttpRequest, agent: Agent, view: View, asked: Filter, set_here: Filter, *, is_readable: bool
) -> dict[str, Any]:
    after, found = request.GET.get("after", ""), None
    if not is_readable:
        page = lists.Page([], "")
    elif asked.q:
        found = search.look(agent, asked, after=after)
        page = lists.Page([*found.people, *found.rows], found.more)
    else:
        page = lists.page(agent, asked, after=after)
    more = filtering.address(view, set_here, after=page.more) if page.more else ""
    return {"page": page, "found": found, "more": more, "is_first": not after}


def _filter(request: HttpRequest, agent: Agent) -> tuple[Filter, str]:
    try:
        return filters.read(request.GET.dict(), agent), ""
    except filters.BadFilter as problem:
        return Filter(), access.said(problem)
