"""Who is the invented customer whose panel stands in the style guide? Each row in the shape of `customers.dossier`."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from customers import pages_words
from customers.models import Consent, Customer, Identity
from handover import blocking
from handover.inbox import samples
from handover.inbox.context import Page
from handover.inbox.person import Side
from handover.inbox.rights import Rights

ALL = Rights(merge=True, split=True, force=False, reveal=True, change=True, has_office=False)


def side() -> Side:
    """One with everything: proven and doubtful addresses, facts, a dispute, a likely double, consent."""
    root = Customer(pk=0, public_id=samples.uid(500))
    return Side(
        root=root,
        may=ALL,
        addresses=[
            _address(1, "phone", "+49 151 2345678", "good", "proven by WhatsApp today", is_at_hand=True),
            _address(2, "email", "m••••@example.org", "warn", "typed, not proven"),
            _address(3, "visitor", "visitor 7f3a", "plain", "no longer theirs since 3 May", is_live=False),
        ],
        facts=[_fact("city", "City", "Malmö"), _fact("tier", "Tier", "Gold", has_conflict=True)],
        matches=[_match()],
        troubles=[],
        links=[],
        pages=[Page("Orders in the shop", "#g-person"), Page("Record in the CRM", "#g-person")],
        members=[root],
        consents=[_consent()],
        previous=[replace(samples.rows()[-1], id=str(samples.uid(510)))],
        is_sender_unproven=True,
        purposes=list(pages_words.PURPOSES.items()),
        states=list(pages_words.STATES.items()),
        addable=[("language", "Language")],
        is_open=True,
        block=blocking.Standing(samples.ago(-90), "Chloe Martin", "abuse"),
    )


def _address(number: int, namespace: str, shown: str, tone: str, words: str, **more: bool) -> dict[str, Any]:
    row = Identity(public_id=samples.uid(520 + number), namespace=namespace, raw=shown)
    plain = {"is_live": True, "is_at_hand": False, "is_whole": False}
    return {
        **plain,
        "row": row,
        "kind": pages_words.kind(namespace),
        "shown": shown,
        "tone": tone,
        "words": words,
    } | more


def _fact(key: str, label: str, value: str, **more: bool) -> dict[str, Any]:
    row = SimpleNamespace(pk=0, effective_at=samples.ago(300), time_quality="exact")
    word = {"row": row, "value": value, "by": "", "source": "WhatsApp profile", "undated": ""}
    return {"key": key, "label": label, "value": value, "plain": value, "word": word, "history": [word], **more}


def _match() -> dict[str, Any]:
    other = {"root": Customer(public_id=samples.uid(501)), "name": "M. Lindqvist"}
    row = SimpleNamespace(public_id=samples.uid(502), note="")
    return {"row": row, "other": other, "is_known": True, "proposer": "", "reasons": ["The same e-mail address"]}


def _consent() -> dict[str, Any]:
    identity = Identity(public_id=samples.uid(521), namespace="phone", raw="")
    told = {"purpose": pages_words.PURPOSES["marketing"], "state": "out", "said": pages_words.STATES["out"]}
    row = Consent(occurred_at=samples.ago(900))
    return {
        **told,
        "row": row,
        "identity": identity,
        "kind": "Phone",
        "address": "+49 151 2345678",
        "evidence": "",
        "by": "",
    }
