"""Can the macros, ready replies and saved views be read that are kept? What cannot is named to who may mend it.

The desk's readers take an unreadable one for an empty one, so that it breaks no page for everybody.
"""

from __future__ import annotations

from common import checkups
from common.checkups import Finding
from handover import filters, macros, ready
from handover.models import CannedReply, Macro, SavedView
from handover.routing import flaws

REMEDY = "Open them in the back office."
NAMED = 20  # sentences at most


def found() -> list[str]:
    """A sentence for each; three queries."""
    steps = Macro.objects.order_by("pk").values_list("title", "actions")
    words = CannedReply.objects.filter(text__contains="{{").order_by("pk").values_list("shortcut", "text")
    return [
        *(f"The macro “{title}” has steps that cannot be read." for title, kept in steps if not all(macros.read(kept))),
        *(f"The ready reply /{name} has a broken place: {flaw}." for name, text in words if (flaw := ready.flaw(text))),
        *(f"The saved view “{view.title}” cannot be read and shows all." for view in _unread_views()),
    ]


def _unread_views() -> list[SavedView]:
    return [view for view in SavedView.objects.order_by("pk") if not _is_read(view)]


def _is_read(view: SavedView) -> bool:
    try:
        filters.read(view.filters)
    except filters.BadFilter:
        return False
    return True


def register() -> None:
    """Joins `doctor`, as the queues do; called in `AppConfig.ready`."""
    flaws.register()
    checkups.register("words", _checkup)


def _checkup() -> Finding:
    wrong = found()
    if wrong:
        return Finding("WARN", " ".join(wrong[:NAMED]), REMEDY)
    return Finding("OK", "every macro, ready reply and saved view can be read")
