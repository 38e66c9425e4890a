"""What do we learn about a person from sending? Further addresses, that one is dead, that they do not want us."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from channels_app.registry import Handles
from common import outages
from conversations import capabilities
from customers import consent, homes, identity, reachability, recycling
from customers.handles import usable
from customers.identity import Handle
from customers.lookup import Digests
from customers.models import Identity

log = logging.getLogger(__name__)

KNOWN_MAX = 20_000  # (address, handles) that this process has written down already

_known: OrderedDict[tuple[int, Handles], None] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a provider's answer or receipt told about the recipient."""

    identity_id: int
    kind: str  # of the channel
    channel: str
    at: datetime
    reason: str = ""
    handles: Handles = ()
    evidence: str = ""  # public id of the delivery
    is_code: bool = False  # what was sent was a one-time code


def learn(lessons: Sequence[Lesson]) -> None:
    """Writes it down, each in a transaction of its own: after the outcome is committed, never during a call."""
    for lesson in lessons:
        try:
            _note(lesson)
        except Exception as error:  # noqa: BLE001 -- the quarantine of a lesson: the outcome stands, and others have more
            outages.raise_if_away(error)
            log.error("delivery %s: %s while learning from it", lesson.evidence, type(error).__name__)


def is_news(reason: str, handles: Handles) -> bool:
    """Is there anything to learn?"""
    return bool(handles) or reason in ("unreachable", "opted_out")


def _note(lesson: Lesson) -> None:
    if lesson.reason in ("unreachable", "opted_out"):
        _refused(lesson)
    if lesson.handles and (lesson.identity_id, lesson.handles) not in _known:
        _attest(lesson)


def _refused(lesson: Lesson) -> None:
    who = Identity.objects.select_related("customer").filter(pk=lesson.identity_id).first()
    if who is None:
        return
    if lesson.reason == "unreachable":
        reachability.mark(identity=who, is_reachable=False, occurred_at=lesson.at, reason="undeliverable")
        if not lesson.is_code:  # anybody can ask for a code: that must not cost the owner their proof
            recycling.bounced(who, at=lesson.at)
        return
    purpose = capabilities.of(lesson.kind).opt_out
    evidence = {"channel": lesson.channel, "delivery": lesson.evidence}
    consent.record(identity=who, purpose=purpose, state="out", occurred_at=lesson.at, evidence=evidence)


def _names_another(who: Identity, handles: Sequence[Handle]) -> bool:
    """Is the address of this kind that they name not the one we sent to? Then nothing of it is about this person."""
    keys = [named.key for named in usable(handles)]
    same = [key for key in keys if (key.namespace, key.scope) == (who.namespace, who.scope)]
    return bool(same) and not any(Digests.of(key).meets(who.key) for key in same)


def _attest(lesson: Lesson) -> None:
    """Other names of the same address, written to the same person; somebody else's opens a conflict."""
    who = Identity.objects.select_related("customer").filter(pk=lesson.identity_id).first()
    if who is None:
        return
    handles = [Handle(*handle) for handle in lesson.handles]
    if _names_another(who, handles):
        log.warning("delivery %s: what came back names another address than the one it went to", lesson.evidence)
        return
    homes.undisturbed(lambda: identity.attest(home=who.customer, handles=handles, occurred_at=lesson.at, endpoint=who))
    _known[(lesson.identity_id, lesson.handles)] = None
    while len(_known) > KNOWN_MAX:
        _known.popitem(last=False)
