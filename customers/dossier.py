"""What is known of one person, put together for people to read? The inbox and the back office show the same.

Each function takes a root (or what was read already) and costs the same few queries however much there is to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import dateformat
from django.utils.translation import gettext as _

from common import clock, numbers
from customers import attribute_showing, attributes, consent, definitions, naming, pages_words, recycling
from customers.models import Conflict, Consent, Customer, Identity, Link, Observation

HISTORY = 200  # words on all attributes that are looked back
Rows = list[dict[str, Any]]


def held(root: Customer) -> list[Identity]:
    """Every address the person has or had, those in force first. One query."""
    return list(Identity.objects.of_cluster(root.pk).order_by("-valid_to", "namespace", "pk"))


def addresses(rows: Iterable[Identity], conflicts: Iterable[Conflict], *, whole: Collection[int] = ()) -> Rows:
    """The addresses with their proof in words; those whose id is in `whole` unmasked. No query."""
    suspected = suspects(conflicts)
    now = clock.now()
    return [_address(row, now, row.pk in whole, str(row.public_id) in suspected) for row in rows]


def suspects(conflicts: Iterable[Conflict]) -> set[str]:
    """The public ids of addresses that may have a new owner."""
    doubted = (row for row in conflicts if row.kind == Conflict.Kind.SUSPECTED_RECYCLE)
    return {one for row in doubted for one in recycling.addresses(row)}


def facts(root: Customer, conflicts: Rows, *, reveals: bool = False) -> Rows:
    """What holds: its source, the words before it, and what waits to be settled. At most four queries."""
    said: dict[str, list[Observation]] = defaultdict(list)
    words = list(Observation.objects.filter(customer__root_id=root.pk).order_by("-effective_at", "-pk")[:HISTORY])
    for word in words:
        said[word.key].append(word)
    rows = list(root.attributes.select_related("observation"))
    held = {row.key: row.observation for row in rows}
    told = [*words, *held.values()]
    called = names([word.verified_by for word in told] + [word.source for word in told])
    open_ones = {row["key"]: row for row in conflicts if row["is_value"]}
    return [
        {
            "key": one.key,
            "label": one.label,
            "value": one.value,
            "plain": "" if one.masked else one.value,
            "masked": one.masked,
            "has_conflict": one.has_conflict,
            "word": _word(held[one.key], called, reveals),
            "history": [_word(word, called, reveals) for word in said[one.key]],
            "conflict": open_ones.get(one.key),
        }
        for one in attributes.shown(root, reveals=reveals, rows=rows)
        if one.key in held
    ]


def label(key: str) -> str:
    """What people call an attribute."""
    return definitions.of(key).title


def addable(facts: Rows) -> list[tuple[str, str]]:
    """The attributes that somebody may still say something about: (key, what people call it). No query."""
    known = {row["key"] for row in facts}
    offered = [one for one in definitions.every().values() if not one.is_archived and one.policy not in ("min", "max")]
    return [(one.key, one.title) for one in sorted(offered, key=lambda one: one.order) if one.key not in known]


def links(root: Customer) -> Rows:
    """Who was joined, by which rule, on what evidence, by whom, and whether it was undone. Three queries."""
    rows = list(Link.objects.of_cluster(root.pk).select_related("a", "b").order_by("-decided_at", "-pk")[:100])
    called = names([row.decided_by for row in rows] + [row.revoked_by for row in rows])
    ends = naming.ends(end for row in rows for end in (row.a_id, row.b_id))
    return [
        {
            "row": row,
            "ends": [ends.get(end.pk, str(end.public_id)) for end in (row.a, row.b)],
            "rule": pages_words.rule(row.rule),
            "evidence": pages_words.evidence(row.evidence),
            "by": called[row.decided_by],
            "undone_by": called[row.revoked_by],
        }
        for row in rows
    ]


def standing(roots: Sequence[int], *, whole: Collection[int] = (), held: Sequence[Identity] | None = None) -> Rows:
    """What is allowed at each contact point, by purpose, and the word that it rests on. Three queries, two with `held`:
    the addresses, if they were read."""
    found = consent.standing(roots, held=held)
    called = names(str(one.word.evidence.get("actor", "")) for one in found)
    return [
        {
            "row": one.word,
            "identity": one.identity,
            "kind": pages_words.kind(one.identity.namespace),
            "address": pages_words.address(one.identity, is_whole=one.identity.pk in whole),
            "purpose": pages_words.PURPOSES[one.purpose],
            "state": one.state,
            "said": pages_words.STATES[one.state],
            "evidence": pages_words.consent_evidence(one.word.evidence),
            "by": called[str(one.word.evidence.get("actor", ""))],
        }
        for one in found
    ]


def ledger(rows: Sequence[Identity]) -> Rows:
    """Every word of consent at these addresses, the newest first. Two queries."""
    homes = {row.pk: row for row in rows}
    words = list(Consent.objects.filter(identity_id__in=homes).order_by("-occurred_at", "-pk")[:100])
    called = names(str(row.evidence.get("actor", "")) for row in words)
    return [
        {
            "row": row,
            "address": pages_words.address(homes[row.identity_id]),
            "kind": pages_words.kind(homes[row.identity_id].namespace),
            "purpose": pages_words.PURPOSES[row.purpose],
            "said": pages_words.STATES[row.state],
            "evidence": pages_words.consent_evidence(row.evidence),
            "by": called[str(row.evidence.get("actor", ""))],
        }
        for row in words
    ]


def names(actors: Iterable[str]) -> dict[str, str]:
    """How the people behind `user:7` (or `agent:7`) are called; the rest is what it says. One query, or none."""
    wanted = set(actors)
    ids = {text: int(text.partition(":")[2]) for text in wanted if _is_person(text)}
    found = get_user_model().objects.in_bulk(set(ids.values())) if ids else {}
    staff = {text: found[pk].get_full_name() or found[pk].get_username() for text, pk in ids.items() if pk in found}
    return {text: staff.get(text, text) for text in wanted}


def _is_person(text: str) -> bool:
    head, _colon, number = text.partition(":")
    return head in ("user", "agent") and numbers.whole(number, digits=18) is not None


def _address(row: Identity, now: datetime, is_whole: bool, is_suspected: bool) -> dict[str, Any]:
    tone, words = pages_words.proof(row, now, is_suspected=is_suspected)
    return {
        "row": row,
        "kind": pages_words.kind(row.namespace),
        "shown": pages_words.address(row, is_whole=is_whole),
        "is_whole": is_whole,
        "is_live": row.valid_to is None,
        "tone": tone,
        "words": words,
    }


def told_by(word: Observation, called: Mapping[str, str]) -> str:
    """Who said it; by name if one of the staff typed it (`called` holds the names of sources and verifiers)."""
    if word.source == "agent" and word.verified_by:
        return called.get(word.verified_by, word.verified_by)
    name = called.get(word.source, word.source)
    return name if name != word.source else pages_words.source(word.source)


def is_dated(at: datetime) -> bool:
    """Was it told when it was said? What nobody dated stands at the earliest time there is."""
    return at > attributes.EARLIEST


def undated(word: Observation) -> str:
    """Words for when it was said, if nobody told: the day on which it came in stands for no date. Else nothing."""
    if word.time_quality != Observation.TimeQuality.RECEIVED and is_dated(word.effective_at):
        return ""
    is_imported = word.source.startswith("import")
    said = _("no date given, imported %(day)s") if is_imported else _("no date given, noted %(day)s")
    return said % {"day": dateformat.format(word.recorded_at, "j M Y")}


def verified_by(word: Observation, called: Mapping[str, str]) -> str:
    """Who vouched for it, '' if nobody did."""
    return called.get(word.verified_by, word.verified_by) if word.source == "agent_verified" else ""


def _word(word: Observation, called: Mapping[str, str], reveals: bool) -> dict[str, Any]:
    said = "" if word.is_clear else attribute_showing.said(definitions.of(word.key), word.value, reveals=reveals)
    by = verified_by(word, called)
    return {
        "row": word,
        "undated": undated(word),
        "value": said or _("nothing"),
        "source": "" if by else told_by(word, called),
        "by": by,
    }
