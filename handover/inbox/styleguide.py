"""How does every part of the inbox look, in both themes? A page for staff, drawn by the templates of the real ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import uuid4

from django.contrib.auth.views import redirect_to_login
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override
from django.views.decorators.http import require_safe

from handover.inbox import access, offers, phrases, samples, samples_person, staff, targets, thread, verbs
from handover.inbox.desk_forms import PRESETS, REASON_TITLES
from handover.inbox.forms import LONGEST
from handover.models import Agent
from handover.routing import explaining
from handover.templatetags.inbox import CHANNELS

P = ParamSpec("P")
THEMES = ("light", "dark")
TOKENS = "css/tokens.css"
NAMES = re.compile(r'\b(id|for|aria-labelledby|aria-describedby|aria-controls)="([^"]+)"')


def for_staff(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[..., HttpResponseBase]:
    """Only staff, with or without a desk; everybody else finds nothing here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("inbox:login"))
        if not (request.user.is_active and getattr(request.user, "is_staff", False)):
            raise Http404
        agent = staff.at_desk(request.user)
        with override(agent.language if agent else access.language_asked(request)):
            response = view(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return guarded


@require_safe
@for_staff
def both(request: HttpRequest) -> HttpResponse:
    """The two themes side by side; `?dir=rtl` mirrors them."""
    return render(request, "inbox/styleguide.html", {"themes": THEMES, "direction": _direction(request)})


@require_safe
@for_staff
def one(request: HttpRequest, theme: str) -> HttpResponse:
    """Every part in one theme."""
    if theme not in THEMES:
        raise Http404
    context = {"theme": theme, "direction": _direction(request), **_parts()}
    return render(request, "inbox/styleguide_theme.html", context)


@require_safe
@for_staff
def colours(request: HttpRequest) -> HttpResponse:
    """The two sets of plain colours, each for the theme that asks by name and not for the reader's own."""
    text = _tokens()
    found = re.findall(r":root \{([^{}]*--raw-paper:[^{}]*)\}", text)
    rules = [
        f':root[data-theme="{name}"] {{color-scheme: {name};{block}}}'
        for name, block in zip(THEMES, found, strict=True)
    ]
    return HttpResponse("\n".join(rules).replace("color-scheme: light dark;", ""), content_type="text/css")


def _tokens() -> str:
    where = finders.find(TOKENS)
    if where is None:
        raise Http404
    with open(where, encoding="utf-8") as file:
        return file.read()


def _direction(request: HttpRequest) -> str:
    return "rtl" if request.GET.get("dir") == "rtl" else ""


def _parts() -> dict[str, Any]:
    conversation, said = samples.conversation(), phrases.sayings()
    return {
        "rows": samples.rows(),
        "bubbles": samples.customers_bubbles() + samples.our_bubbles(),
        "lines": samples.lines(),
        "card": samples.card(),
        "chips": samples.chips(),
        "banners": [("", said["line_lost"]), ("good", said["line_back"]), ("bad", said["desk_closed"])],
        "promises": [samples.promise("kept", 40), samples.promise("near", 2), samples.promise("late", -8)],
        "conversation": conversation,
        "name": "Maya Lindqvist",
        "longest": LONGEST,
        "client_id": uuid4(),
        "heads": _heads(),
        "corner": _corner(),
        "side": samples_person.side(),
        **_composer(),
        **(asked := _dialogs()),
        "dialogs": _drawn({"conversation": conversation, **asked}),
        "templates": _alone("inbox/_templates.html", {"conversation": conversation, **_templates()}, "t"),
    }


def _drawn(context: dict[str, Any]) -> list[SafeString]:
    names = ("assign", "escalate", "park", "topics")
    return [_alone(f"inbox/_dialog_{name}.html", context, name) for name in names]


def _alone(template: str, context: dict[str, Any], mark: str) -> SafeString:
    """A part with ids of its own: on the desk there is never more than one of them."""
    html = render_to_string(template, context)
    return mark_safe(NAMES.sub(rf'\1="{mark}-\2"', html))  # the output of a template of ours


def _head(owner: Any, **changes: Any) -> thread.Head:
    plain = {"is_mine": False, "can_claim": False, "can_release": False, "can_close": False, "can_write": True}
    return thread.Head(**{**plain, "owner": owner, "promise": None, "is_open": True, "is_silent": True, **changes})


def _verbs(**changes: Any) -> verbs.Verbs:
    names = ("can_assign", "can_escalate", "can_park", "can_unpark", "can_barge_in", "can_reopen", "leads")
    return verbs.Verbs(**{**dict.fromkeys(names, False), **changes})


def _heads() -> list[dict[str, Any]]:
    """What stands above a thread: waiting, mine, parked, closed."""
    why = explaining.Why("Why is this mine?", "You helped this customer last, yesterday at 16:20.")
    free = _head(samples.SALES, can_claim=True, promise=samples.promise("near", 2))
    mine = _head(samples.ME, is_mine=True, can_release=True, can_close=True)
    closed = _head(samples.BOT, is_open=False, is_silent=False, can_write=False)
    may = _verbs(can_assign=True, can_escalate=True, can_park=True, tags=("Refund", "Delivery"))
    resting = _verbs(can_unpark=True, parked_until=samples.ago(-180), park_reason="Waits for the invoice")
    parked = samples.conversation(state="parked")
    over = samples.conversation(state="closed")
    return [
        {"head": free, "verbs": _verbs(can_assign=True), "conversation": samples.conversation(), "why": None},
        {"head": mine, "verbs": may, "conversation": samples.conversation(), "why": why},
        {"head": mine, "verbs": resting, "conversation": parked, "why": None},
        {"head": closed, "verbs": _verbs(can_reopen=True), "conversation": over, "why": None},
    ]


def _composer() -> dict[str, Any]:
    ways = thread.Picker(
        here=[thread.Choice(samples.session("whatsapp"), "+49 151 2345678", "", samples.ago(-600))],
        others=[
            thread.Choice(samples.session("sms"), "+49••••78", "", None),
            thread.Choice(samples.session("email"), "m••••@example.org", "No consent: they asked us to stop.", None),
        ],
        unlinked=["telegram"],
    )
    state = {"note_like": phrases.NOTE_LIKE, "undo": 5, "drafts": {}, "is_named": False}
    return {"ways": ways, "phrases": state, "head": _head(samples.ME, is_mine=True), "upload_max": 1}


def _corner() -> offers.Corner:
    short = ("email", "The invoice is wrong again.", "", "Ben Okoye", "You know her order.", None, 8, 45)
    passed = offers.Offer(samples.uid(902), samples.uid(903), "نور حداد", *short)
    offer = offers.Offer(
        samples.uid(900),
        samples.uid(901),
        "Maya Lindqvist",
        "whatsapp",
        samples.WORDS,
        "You helped this customer last.",
        "",
        "",
        samples.ago(3),
        31,
        45,
    )
    return offers.Corner((offer, passed), True)


def _templates() -> dict[str, Any]:
    said = [("Hello ", ""), ("Maya", "body_1"), (", we have an answer for you.", "")]
    pieces = [{"text": text, "slot": slot} for text, slot in said]
    rows = [
        {"public_id": samples.uid(910 + at), "name": name, "language": language, "category": "utility"}
        for at, (name, language) in enumerate([("continue_chat", "en"), ("order_update", "es_MX")])
    ]
    slot = {"key": "body_1", "label": "Text 1", "kind": "text", "example": "Maya"}
    reads = {"slots": [slot], "preview": [("body", pieces)], "first_line": "Hello …, we have an answer for you."}
    offered = [{"row": row, "title": str(row["name"]).replace("_", " ").capitalize(), **reads} for row in rows]
    way = {"session": samples.session("whatsapp"), "templates": offered}
    shown = [{"offer": way, "label": "+49 151 2345678"}]
    return {"shown": shown, "languages": ["en", "es_MX"], "value": "value:", "client_id": uuid4()}


def _dialogs() -> dict[str, Any]:
    queue = targets.Target("queue:billing", "Billing", "", True)
    colleague = targets.Target("agent:ben", "Ben Okoye", "2 of 6", True)
    gone = targets.Target("agent:chloe", "Chloé Martin", "Offline", False)
    return {
        "presets": PRESETS,
        "reasons": REASON_TITLES,
        "can_claim": True,
        "can_pass_on": True,
        "leads": True,
        "queues": [queue],
        "agents": [colleague, gone],
        "topics": [("refund", "Refund", True), ("delivery", "Delivery", False)],
        "kinds": list(CHANNELS),
        "say": phrases.sayings(),
        "statuses": Agent.Status.choices,
    }


doors = [
    path("styleguide/", both, name="styleguide"),
    path("styleguide/colours.css", colours, name="styleguide-colours"),
    path("styleguide/<slug:theme>/", one, name="styleguide-theme"),
]
