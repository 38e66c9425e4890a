"""Which words do the desk's scripts need? Said here once, in the reader's language, and handed over as data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation
from handover import drafts, limits, mentions
from handover.inbox import shell_phrases
from handover.models import Agent

NOTE_LIKE = ("note", "nota", "internal", "interno", "intern", "fyi")  # as a first word these are meant for the team
SAYINGS = {
    "reply": _("Reply to the customer"),
    "note": _("Private note"),
    "write_reply": _("Write a reply… / for ready words"),
    "write_note": _("Write a note for your team… @ names a colleague"),
    "send": _("Send"),
    "save_note": _("Save note"),
    "takes_over": _("Replying takes it over from {name}."),
    "reply_to": _("To"),
    "choose": _("Choose where to reply first."),
    "you": _("You"),
    "sending": _("○ sending"),
    "not_sent": _("! not sent"),
    "waits": _("○ goes out when the line is back"),
    "not_yet": _("Not sent to {name} yet."),
    "again": _("Try again"),
    "sending_in": _("○ goes out in a moment"),
    "undo": _("Undo"),
    "held": _("Your reply to {name} goes out."),
    "taken_back": _("Taken back. It was not sent."),
    "kept": _("Not sent to {name}: {why} It is kept as a draft."),
    "elsewhere": _("Changed in another window."),
    "mine": _("Keep what was here"),
    "draft": _("Draft"),
    "is_kept": _("Draft kept"),
    "not_kept": _("The draft cannot be kept now; it stays in this window."),
    "emoji": _("Emoji"),
    "find_emoji": _("Find an emoji"),
    "found": _("{count} found. Arrow keys choose, Enter takes."),
    "none": _("Nothing found."),
    "here": _("{names} is here too"),
    "replying": _("{names} is replying"),
    "writes": _("{names} writes…"),
    "customer": _("The customer"),
    "mentioned": _("{name} named you in a note."),
    "open": _("Open"),
    "too_long": _("{left} characters too many: at most {most}."),
    "splits": _("Longer than {channel} takes at once ({most} characters): it goes as several messages."),
    "left": _("{left} characters left"),
    "nobody_waits": _("Nobody is waiting. Well done."),
    **shell_phrases.words(),
}


def composer(conversation: Conversation, agent: Agent) -> dict[str, Any]:
    """What the composer of one conversation begins with: the agent's drafts, and what is new to them here."""
    begun = drafts.of(conversation, agent)
    return {
        "note_like": NOTE_LIKE,
        "undo": limits.number("UNDO_SEND"),
        "drafts": {kind: drafts.told(one) for kind, one in begun.items()},
        "is_named": mentions.is_new(conversation, agent),
    }


def sayings() -> dict[str, str]:
    """What scripts say; `{name}` and the like are filled in by them."""
    return {key: str(words) for key, words in SAYINGS.items()}
