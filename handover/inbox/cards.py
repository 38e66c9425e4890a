"""What does the handover card tell the agent? Read from the stored card, whatever of it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from conversations.journeys import publishing
from handover import job_facts
from handover.templatetags.inbox import channel_name

FACTS = (
    ("reason", "Why"),
    ("skill", "Skill"),
    ("referrer", "Came from"),
    ("channel", "Channel"),
    ("journey", "Journey"),
    ("step", "Step"),
    ("proof", "Proof"),
)
REASONS = {
    "handover": "The journey hands over here",
    "step": "The journey hands over here",
    "not_understood": "The bot did not understand",
    "asked": "The customer asked for a person",
    "article": "An answer of ours hands over here",
    "assistant": "The language model could not help",
    "takeover": "An agent took over from the bot",
    "rating": "The customer was not content, and says why",
}
PROOFS = {
    "none": "Nothing proven in this session",
    "attested": "Writes from an address that the channel vouches for",
    "strong": "Has proven who they are",
}


@dataclass(frozen=True, slots=True)
class Card:
    """The facts, the answers given so far and a greeting ready to send; `summary` is the card in one line.

    `known` is what was remembered of the person when the card was written.
    """

    facts: Sequence[tuple[str, str]]
    answers: Sequence[tuple[str, str]]
    greeting: str
    summary: str
    known: Sequence[tuple[str, str]] = ()
    jobs: Sequence[tuple[str, str]] = ()


def read(stored: Any) -> Card:
    """The card from its JSON; what is missing or of another shape is left out."""
    data = dict(stored) if isinstance(stored, Mapping) else {}
    data |= _journey(data.get("journey"), data.get("step"))
    if isinstance(kind := data.get("channel_kind"), str) and kind:
        data["channel"] = channel_name(kind)
    facts = [(title, _words(name, data.get(name))) for name, title in FACTS]
    greeting = data.get("greeting")
    return Card(
        facts=[(title, text) for title, text in facts if text],
        answers=_answers(data.get("answers")),
        greeting=greeting if isinstance(greeting, str) else "",
        summary=" · ".join(text for title, text in facts if text and title in ("Why", "Journey", "Step")),
        known=_known(data.get("context")),
        jobs=[_job(one) for one in _maps(data.get("jobs"))],
    )


def _journey(journey: Any, step: Any) -> dict[str, Any]:
    """Journey and step in the agent's language, as the live version calls them; what it does not know is left out."""
    key, at = (str(part.get("key") or "") if isinstance(part, Mapping) else "" for part in (journey, step))
    number = publishing.live().get(key) if key else None
    if number is None:
        return {}
    version, language = publishing.definition(number), get_language() or ""
    found = {"journey": version.called(language)}
    return found | {"step": version.label(at, language)} if at in version.steps else found


def _words(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("title") or value.get("label") or value.get("key")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(filter(None, (_words(name, part) for part in value)))
    text = str(value) if isinstance(value, str | int | float) else ""
    if name == "proof":
        return _(PROOFS.get(text, text)) if text else ""
    if name in ("referrer", "skill"):
        return text.replace("_", " ").replace("-", " ").capitalize()
    return _(REASONS.get(text, text.replace("_", " ").capitalize())) if name == "reason" and text else text


def _job(one: Mapping[str, Any]) -> tuple[str, str]:
    """A job elsewhere: whose it is, how it was, and what it said last."""
    state = job_facts.STATES.get(str(one.get("state")), str(one.get("state") or ""))
    report, error = one.get("report"), one.get("error")
    words = (state, report, error if error != report else "")
    return str(one.get("title") or _("Job")), " · ".join(str(word) for word in words if word)


def _known(value: Any) -> list[tuple[str, str]]:
    """What we know, in lines: language and tier, earlier conversations, the last order, attributes, channels."""
    data = value if isinstance(value, Mapping) else {}
    rows = [("Name", data.get("name")), ("Language", data.get("language")), ("Tier", data.get("tier"))]
    rows += [("Earlier", _past(one)) for one in _maps(data.get("previous"))]
    rows += [("Last order or cart", data.get("last_event"))]
    rows += [(str(one.get("label", "")), one.get("value")) for one in _maps(data.get("attributes"))]
    rows += [("Channels", [channel_name(str(kind)) for kind in data.get("channels") or ()])]
    return [(title, _plain(told)) for title, told in rows if title and told]


def _past(one: Mapping[str, Any]) -> str:
    names = ("channel", "topic", "topics", "outcome", "reason", "agent")
    parts = (str(one.get("closed_at") or "")[:10], *(one.get(name) for name in names))
    return " · ".join(str(part) for part in parts if part)


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _answers(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [(str(key).replace("_", " "), _plain(answer)) for key, answer in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        rows = [row for row in value if isinstance(row, Mapping)]
        labels = [
            str(row.get("label") or row.get("question") or row.get("key") or row.get("name") or "") for row in rows
        ]
        return [(label, _plain(row.get("value", row.get("answer")))) for label, row in zip(labels, rows, strict=True)]
    return []


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return str(value.get("label") or value.get("text") or value.get("value") or "")
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)
