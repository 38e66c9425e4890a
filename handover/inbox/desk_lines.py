"""What do the desk's verbs read as, one line each? Passing on, parking, what it was about, and what engines say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from conversations import joining
from handover import putting_back
from handover.inbox.owners import Owner


def moved(data: Mapping[str, Any], owner: Owner | None, actor: str) -> str:
    """A change of owner or state by one of these verbs; '' for every other."""
    cause, label = str(data.get("cause", "")), owner.label if owner else ""
    if cause == putting_back.CAUSE:
        return _("%(by)s took it back: it is as it was before") % {"by": actor or _("Somebody")}
    if data.get("state") == "parked":
        return _("Parked by %(name)s") % {"name": actor or label} if cause == "park" else _parked(cause)
    who = {"name": label, "by": actor or _("Somebody")}
    return {
        "unpark": _("%(by)s woke it") if label == actor else _("%(by)s woke it: back on %(name)s's desk"),
        "unpark_written": _("The customer wrote: back on %(name)s's desk"),
        "unpark_due": _("Parked until now: back on %(name)s's desk"),
        "unpark_queue": _("Parked by somebody who is away now: it waits in %(name)s"),
        "transfer_back": _("Nobody took it: back in %(name)s"),
        "force_assign": _("%(by)s gave it to %(name)s"),
        "barge_in": _("%(by)s took over as supervisor"),
        "external": _("Another system has the conversation: the bot is silent"),
        "external_assign": _("Another system gave it to %(name)s"),
        "external_queue": _("Another system gave it back: it waits in %(name)s"),
        "external_over": _("Another system is done: the bot speaks again"),
        **_passed_on(owner),
        **_back(owner, actor),
    }.get(cause, "") % who


def _parked(cause: str) -> str:
    return _("Parked: the customer has fallen silent") if cause == "customer_inactive" else ""


def _passed_on(owner: Owner | None) -> dict[str, str]:
    if owner is not None and owner.kind == "queue":
        return {
            "transfer": _("%(by)s passed it on: it waits in %(name)s"),
            "escalate": _("%(by)s escalated it: it waits in %(name)s"),
        }
    return {"transfer": _("%(name)s took it over from a colleague"), "escalate": _("%(by)s escalated it to %(name)s")}


def _back(owner: Owner | None, actor: str) -> dict[str, str]:
    if actor:
        return {"reopen": _("%(by)s opened it again")}
    if owner is not None and owner.kind == "queue":
        return {"reopen": _("The customer is back on the same matter: it waits in %(name)s")}
    return {"reopen": _("The customer is back on the same matter: it is %(name)s's again")}


def sentence(kind: str, data: Mapping[str, Any]) -> str:
    """What else these verbs and the engines leave in the log; '' for every other kind."""
    if kind == "tagged":
        added, removed = _called(data.get("added", [])), _called(data.get("removed", []))
        said = (_("Topics: %(list)s") % {"list": added}, _("No longer about: %(list)s") % {"list": removed})
        return " · ".join(words for words, names in zip(said, (added, removed), strict=True) if names)
    if kind == "wrapped_up":
        return _("Outcome: %(name)s") % {"name": _called([data.get("disposition", "")])}
    if kind == joining.MOVED:
        return _met(data)
    return {
        "escalated": _("Escalated: %(why)s"),
        "affinity_changed": _("Another system says who helped this customer last"),
        "ownership_stale": _("Another system was too late: nothing has changed"),
        "ownership_unchanged": _("Another system says who has it: nothing has changed"),
    }.get(kind, "") % {"why": data.get("reason", "")}


def _called(keys: Iterable[Any]) -> str:
    """Keys in words, as their titles are written."""
    return ", ".join(str(key).replace("-", " ").capitalize() for key in keys)


def _met(data: Mapping[str, Any]) -> str:
    """Two conversations became one, or parted; the line has a link to the other."""
    if data.get("why") == joining.CAUSE:
        return _("Two customers are one person: what was said in one of their conversations goes on in the other")
    return _("Customers were parted: one of them goes on in a conversation of their own")
