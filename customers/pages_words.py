"""How is what we know of a person said in plain words of the reader's language? Proof, sources, refusals, conflicts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _

from common import clock
from customers.masking import masked
from customers.models import Identity
from customers.namespaces import Namespace

KINDS = {
    "site_user": "User of the site",
    "customer_number": "Customer number",
    "phone": "Phone",
    "wa_bsuid": "WhatsApp id",
    "wa_parent_bsuid": "WhatsApp id of the group",
    "telegram_user": "Telegram",
    "discord_user": "Discord",
    "messenger_user": "Messenger",
    "email": "E-mail",
    "email_from": "E-mail, sender not authenticated",
    "visitor": "Browser",
}
PROVIDERS = {"phone": "WhatsApp", "wa_bsuid": "WhatsApp", "wa_parent_bsuid": "WhatsApp", "telegram_user": "Telegram"}
PROVIDERS |= {"discord_user": "Discord", "messenger_user": "Messenger", "email": "mail authentication"}
OTHERS = {"otp": "a one-time code", "site": "the site's login", "": "the channel"}  # kinds of proof that say by what
UNPROVEN = {
    "claimed": "typed, not proven",
    "imported": "imported, not proven",
    "agent": "noted by an agent, not proven",
}
SOURCES = {"bot": "the bot", "import": "an import", "agent": "an agent", "site": "the site", "otp": "a one-time code"}
SOURCES |= {"inferred": "inferred", "agent_verified": "verified", "provider": "the channel's profile"}
BLOCKED = {
    "erased": "One of the two was erased.",
    "distinct_pair": "Somebody has decided that these are two people.",
    "exclusive_clash": "Both have a different user id or customer number of one place.",
    "cap_reached": "Together they would have more links or addresses than one person may.",
}
OVERRIDABLE = frozenset({"distinct_pair", "exclusive_clash"})
VERBS = {
    "same_person": "It is still theirs",
    "new_person": "Somebody else has it now",
    "block": "Block this value",
    "allow": "It is a real address",
}
CONFLICTS = {
    "value_disagrees": "Two sources disagree",
    "tie": "Two values of the same moment",
    "two_verified": "Two verified values",
    "exclusive_clash": "Two user ids or customer numbers of one place",
    "identifier_collision": "One payload, two people",
    "suspected_recycle": "The number may have a new owner",
    "csv_row": "A row of an import",
    "clamped_time": "A date in the future",
    "shared_value": "A value that many share",
    "over_limit": "More addresses than one person may have",
}
SIGNS = {
    "other_device": "another device is behind it",
    "other_name": "another name after a long silence",
    "number_change": "the provider says that the device or its number changed",
    "bounced": "a message could not be delivered",
}
RULES = {"by_hand": "joined by hand", "suggestion": "a suggestion that was accepted"}
RULES |= {"one_payload": "one message named both", "address_changed": "the address changed"}
# Of the evidence of a link: what `evidence` has words for, and ids that nobody needs to read.
LEDGER = frozenset(
    {"actor", "reasons", "import", "row", "challenge", "identities", "score", "suggestion", "overruled", "by"}
)
PURPOSES = {"all": "Everything", "service": "Answers and service", "proactive": "Reminders and news of an order"}
PURPOSES |= {"marketing": "Marketing", "analytics": "Analytics", "profiling": "Profiling", "ai_processing": "AI"}
STATES = {"in": "yes", "out": "no", "unset": "not said"}


def kind(namespace: str) -> str:
    """The kind of address as people call it."""
    return KINDS.get(namespace, namespace)


def address(row: Identity, *, is_whole: bool = False) -> str:
    """The address, masked unless it was revealed."""
    if row.namespace == Namespace.VISITOR:  # the token is nobody's to see; this tells one browser from another
        return _("visitor %(end)s") % {"end": row.public_id.hex[-4:]}
    return row.raw if is_whole else masked(row.namespace, row.raw)


def addresses(rows: Iterable[Identity], *, is_whole: bool = False) -> list[dict[str, Any]]:
    """Addresses as a page lists them: kind, value, proof in words."""
    now, found = clock.now(), []
    for row in rows:
        tone, words = proof(row, now)
        shown = address(row, is_whole=is_whole)
        found.append({"row": row, "kind": kind(row.namespace), "shown": shown, "tone": tone, "words": words})
    return found


def proof(row: Identity, now: datetime, *, is_suspected: bool = False) -> tuple[str, str]:
    """(tone, words): both states are said, for a missing warning reads as verified. Tones: good, warn, plain."""
    if row.valid_to is not None:
        return "plain", _("no longer theirs since %(day)s") % {"day": day(row.valid_to, now)}
    if row.namespace == Namespace.EMAIL_FROM:
        return "warn", _("sender not authenticated")
    if row.namespace == Namespace.VISITOR:
        return "warn", _("this browser only, nobody proven")
    if row.proof in UNPROVEN:
        return "warn", _(UNPROVEN[row.proof]) + (_(", shared by several people") if row.shared else "")
    said = _proven(row, now)
    if is_suspected:
        return "warn", said + _("; may have a new owner since")
    if row.shared:
        return "warn", said + _(", shared by several people")
    return ("good", said) if row.is_fresh(now) else ("warn", said + _(", too long ago"))


def _proven(row: Identity, now: datetime) -> str:
    by = OTHERS.get(row.proof) or PROVIDERS.get(row.namespace) or "the channel"
    said = _("proven by %(by)s") % {"by": _(by)}
    return f"{said} {_day(row.proven_at, now)}" if row.proven_at else said


def source(text: str) -> str:
    """Who said it: `provider:whatsapp` is WhatsApp's profile."""
    head, _colon, detail = text.partition(":")
    if head == "provider" and detail:
        return _("%(channel)s profile") % {"channel": detail.title().replace("Whatsapp", "WhatsApp")}
    said = _(SOURCES[head]) if head in SOURCES else head
    return said + (f" ({detail})" if detail and head in ("import", "site") else "")


def value(of: Any) -> str:
    """A value as text; customers wrote some, so that it is text and nothing else."""
    if of is None:
        return _("nothing")
    if isinstance(of, bool):
        return _("yes") if of else _("no")
    return of if isinstance(of, str) else json.dumps(of, ensure_ascii=False)


def plain(of: Any) -> str:
    """A value as somebody would type it into a field; `typed` reads it back."""
    return "" if of is None else value(of)


def typed(text: str, like: Any) -> Any:
    """What somebody typed, as the kind of value it replaces: a number stays one."""
    if like is None or isinstance(like, str):
        return text
    try:
        return json.loads({"yes": "true", "no": "false"}.get(text.strip(), text))
    except ValueError:
        return text


def evidence(of: Mapping[str, Any]) -> str:
    """The evidence in one line of words; what is only an id for the ledger is left out."""
    said = [str(words) for words in of.get("reasons", ())]
    said += [_("row %(number)s of an import") % {"number": of["row"]}] if "import" in of and "row" in of else []
    said += [_("confirmed with a code or a link")] if "challenge" in of else []
    said += [_("the same address")] if "identities" in of and not said else []
    if isinstance(score := of.get("score"), int | float):
        said.append(_("%(share)s %% alike") % {"share": round(score * 100)})
    said += [_("somebody had said that they are two people")] if of.get("overruled") else []
    return "; ".join(said + [f"{key} {value(what)}" for key, what in sorted(of.items()) if key not in LEDGER])


def consent_evidence(of: Mapping[str, Any]) -> str:
    """How we know of a word of consent: the note of who wrote it down, the word that was sent, the provider."""
    if note := of.get("note"):
        return str(note)
    if word := of.get("word"):
        return _("they wrote “%(word)s”") % {"word": word}
    if "delivery" in of:
        return _("the provider refused a message: they do not want any")
    return evidence(of)


def rule(name: str) -> str:
    """By which rule two were joined."""
    return _(RULES[name]) if name in RULES else name.replace("_", " ")


def day(at: datetime, now: datetime) -> str:
    """`today`, `3 May`, `3 May 2025`; in UTC."""
    if at.date() == now.date():
        return _("today")
    return dateformat.format(at, _("j F") if at.year == now.year else _("j F Y"))


def _day(at: datetime, now: datetime) -> str:
    return _("today") if at.date() == now.date() else _("on %(day)s") % {"day": day(at, now)}
