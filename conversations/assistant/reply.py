"""What may be done with a reply? It is a proposal: checked by schema, then against what the model was given. Pure.

Unusable   the reply is not used; `code` says why: bad_json, refused, bad_schema, unknown_journey, invalid_slot,
           missing_citation, unknown_citation, unfounded, empty
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator

from common import plain_json
from conversations.answers import words
from conversations.assistant.brief import ACTIONS, Brief, Offer
from conversations.journeys import validators
from conversations.journeys.matching import normal

LONGEST = 1200  # characters of what is said
LONGEST_QUESTION = 300
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["action"],
    "properties": {
        "reply": {"type": ["string", "null"], "maxLength": 4000},
        "action": {"enum": list(ACTIONS)},
        "journey": {"type": ["string", "null"], "maxLength": 64},
        "slots": {
            "type": ["object", "null"],
            "maxProperties": 20,
            "additionalProperties": {"type": ["string", "number", "boolean"], "maxLength": 1000},
        },
        "confidence": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        "citations": {"type": ["array", "null"], "maxItems": 10, "items": {"type": "string", "maxLength": 80}},
    },
}
_VALID = Draft202012Validator(SCHEMA)
_FENCED = re.compile(r"\A\s*```(?:json)?\s*(\{.*\})\s*```\s*\Z", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_PIECE = re.compile(r"[^\s()\[\]<>{}\"'|,;«»“”„]+")
# An address, a handle, or a word with a dot and letters after it: shop.example/x, t.me/x, boss@x.de, tel:1, evil。ru.
_POINTS = re.compile(
    r"://|@|(?<!\.)\.[^\W\d_]{2,}|[。｡][A-Za-z]{2,}|\b(?:www|tel|mailto|sms|tg|data|javascript)\b[.:]", re.I
)
# What nobody may be asked for, in the languages of the house; without accents and capitals.
_SECRET = re.compile(
    r"\b(?:cards?|cv[cv]2?|pass[ -]?(?:words?|codes?|phrases?)|pins?|ibans?|tans?|otp|ssn|account numbers?"
    r"|(?:security|verification|one[ -]?time) codes?|\w*karten?(?:nummern?)?|prufziffern?|passwort\w*|kennwort\w*"
    r"|geheimzahl\w*|kontonummern?|sicherheitscodes?|tarjetas?|contrasenas?|claves?|codigos? de seguridad"
    r"|numeros? de cuenta)\b"
)

Phone = Callable[[str], str | None]


class Unusable(Exception):
    """The next rule answers the customer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the model proposes and may: `reply` is said only for `answer` and `clarify`."""

    action: str
    reply: str = ""
    journey: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    citations: Sequence[str] = ()


def read(text: str, brief: Brief, *, now: datetime, phone: Phone | None = None) -> Proposal:
    """The proposal that a model's words hold, or `Unusable`."""
    data = _data(text)
    action = data["action"]
    reply = brief.masking.show(" ".join(str(data.get("reply") or "").split(" ")).strip())
    if action == "answer":
        return Proposal(action, _answer(reply, data, brief), citations=tuple(data["citations"]))
    if action == "clarify":
        return Proposal(action, _question(reply))
    if action == "start_journey":
        offer = next((one for one in brief.journeys if one.key == data.get("journey")), None)
        if offer is None:
            raise Unusable("unknown_journey")
        return Proposal(action, journey=offer.key, slots=_slots(data.get("slots") or {}, offer, now, phone))
    return Proposal(action)


def _data(text: str) -> dict[str, Any]:
    fenced = _FENCED.match(text)
    try:
        data = json.loads(fenced[1] if fenced else text, parse_constant=_no_number, parse_int=plain_json.whole)
    except (ValueError, RecursionError) as error:
        raise Unusable("bad_json") from error
    if not _VALID.is_valid(data):
        raise Unusable("bad_schema")
    found: dict[str, Any] = data
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)


def _answer(reply: str, data: Mapping[str, Any], brief: Brief) -> str:
    """A fact needs a passage that it was given; its numbers and links have to stand there, too."""
    cited = set(data.get("citations") or ())
    if not cited:
        raise Unusable("missing_citation")
    given = {one.id: one for one in brief.passages}
    if not cited <= set(given):
        raise Unusable("unknown_citation")
    source = " ".join(f"{given[name].title} {given[name].text}" for name in sorted(cited))
    return _founded(_said(reply, LONGEST), source)


def _question(reply: str) -> str:
    """One question back tells nothing and asks for no secret: without links, without numbers."""
    said = _said(reply, LONGEST_QUESTION)
    if not said.rstrip('"”»)').endswith(("?", "？", ";", "؟")):
        raise Unusable("unfounded")
    return _founded(said, "")


def _said(reply: str, longest: int) -> str:
    if not reply:
        raise Unusable("empty")
    if len(reply) > longest:
        raise Unusable("bad_schema")
    return reply


def _founded(said: str, source: str) -> str:
    """What can be followed, paid or stolen has to stand in the source: each address, number and word for a secret."""
    for found in (_addresses, _numbers, _secrets):
        if not found(_plain(said)) <= found(_plain(source)):
            raise Unusable("unfounded")
    return said


def _plain(text: str) -> str:
    """As it is read: without marks that are not seen, in one form of each letter."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")


def _addresses(text: str) -> set[str]:
    pieces = (piece.strip(".:!?*_`").rstrip("/") for piece in _PIECE.findall(text.casefold()))
    return {piece for piece in pieces if _POINTS.search(piece)}


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


def _secrets(text: str) -> set[str]:
    return set(_SECRET.findall(words.normal(text)))


def _slots(given: Mapping[str, Any], offer: Offer, now: datetime, phone: Phone | None) -> dict[str, Any]:
    """Each value as the journey's own step would keep it."""
    known = {slot.var: slot for slot in offer.slots}
    found: dict[str, Any] = {}
    for var, value in given.items():
        if var not in known:
            raise Unusable("invalid_slot")
        found[var] = _slot(value, known[var].expect, now, phone)
    return found


def _slot(value: Any, expect: Mapping[str, Any], now: datetime, phone: Phone | None) -> Any:
    if expect.get("kind") == "choice":
        said = normal(str(value))
        for option in expect.get("choices", ()):
            if said in (normal(str(option["id"])), normal(str(option["label"]))):
                return option["id"]
        raise Unusable("invalid_slot")
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    checked = validators.check(text, validators.Asked(expect, now, phone=phone))
    if not isinstance(checked, validators.Valid):
        raise Unusable("invalid_slot")
    return checked.value
