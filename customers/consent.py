"""May we write to this address for this purpose? Asked at send time; the newest word by event time holds.

BadWord   400 bad_word  a member of staff says what was said in the future, or does not say how we know
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.problems import Problem
from customers import audit, clusters, news
from customers.models import Consent, Identity

State, Purpose = Consent.State, Consent.Purpose
# What needs a yes beforehand; service messages answer somebody who wrote to us.
OPT_IN = frozenset({Purpose.MARKETING, Purpose.PROFILING})
RESTRICTIVE = (State.OUT, State.IN, State.UNSET)  # of several rows of one address the first of these holds
AHEAD = timedelta(minutes=5)  # a clock may be wrong by that much
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
PROOFS, LONGEST = 20, 300  # entries of evidence, and characters of each


class BadWord(Problem):
    code, title, status = "bad_word", "This word cannot be added.", 400


def say(
    *, identity: Identity, purpose: str, state: str, evidence: Mapping[str, str], by: str, at: datetime | None = None
) -> Consent | None:
    """A member of staff (`by`) notes what the customer said at `at` (now, if nobody says when), and how we know.

    A yes of the future would outweigh a STOP of tomorrow: `BadWord`, as without evidence. None: it is there already.
    """
    now = clock.now()
    moment = at or now
    if not EARLIEST <= moment <= now + AHEAD:
        raise BadWord(_("The time may not be in the future." if moment > now else "Nobody said this that long ago."))
    _check(evidence)
    with transaction.atomic():
        proof = {**evidence, "actor": by}
        word = record(identity=identity, purpose=purpose, state=state, occurred_at=min(moment, now), evidence=proof)
        if word is not None:
            audit.record(actor=by, action="consent.record", object_id=str(identity.public_id))
    return word


def record(
    *,
    identity: Identity,
    purpose: str,
    state: str,
    occurred_at: datetime,
    evidence: Mapping[str, Any] | None = None,
) -> Consent | None:
    """Appends one word; None if the same word of the same moment is there already (a provider repeats itself).

    What machines date into the future counts from now: nobody's word is lost for a clock that is wrong.
    """
    now = clock.now()
    occurred_at = occurred_at if occurred_at <= now + AHEAD else now
    same = Consent.objects.filter(identity=identity, purpose=purpose, state=state, occurred_at=occurred_at)
    if same.exists():
        return None
    news.tell(identity.customer_id)
    return Consent.objects.create(
        identity=identity, purpose=purpose, state=state, occurred_at=occurred_at, evidence=dict(evidence or {})
    )


def state(*, identity: Identity, purpose: str, at: datetime | None = None) -> str:
    """`in`, `out` or `unset`: of the rows of one address the newest word each, then the most restrictive.

    A word on `all` is a word on every purpose. A later word on the purpose itself counts against an earlier one on all.
    """
    moment = at or clock.now()
    found = {_newest(words).state for words in _words(identity, purpose, moment).values()}
    if State.OUT in found:
        return State.OUT
    return State.IN if State.IN in found else State.UNSET


def refused_at(*, identity: Identity, purpose: str) -> datetime | None:
    """When they said the word that forbids this purpose at the address now; None if nothing does."""
    newest = [_newest(words) for words in _words(identity, purpose, clock.now()).values()]
    return max((word.occurred_at for word in newest if word.state == State.OUT), default=None)


def refusals(held: Sequence[Identity], *, purpose: str) -> dict[int, datetime]:
    """Which of these live addresses refuse this purpose now, by id, and since when; as `refused_at` answers, one query.

    `held` are all the rows of a person, so that a word on another name of an address counts for it, too.
    """
    newest: dict[int, Consent] = {}
    words = Consent.objects.filter(identity__in=held, purpose__in=(purpose, Purpose.ALL), occurred_at__lte=clock.now())
    for word in words.order_by("occurred_at", "pk"):
        newest[word.identity_id] = word
    found: dict[int, datetime] = {}
    for point in _points(held):
        said = [newest[row.pk] for row in point if row.pk in newest]
        if outs := [word.occurred_at for word in said if word.state == State.OUT]:
            found |= dict.fromkeys((row.pk for row in point), max(outs))
    return found


def allowed(*, identity: Identity, purpose: str, at: datetime | None = None) -> tuple[bool, str]:
    """(may we, why not): `suppressed`, `opted_out`, `no_opt_in` or ''. Whoever is suppressed is answered, no more."""
    if purpose != Purpose.SERVICE and clusters.is_suppressed(identity.customer.root_id):
        return False, "suppressed"
    known = state(identity=identity, purpose=purpose, at=at)
    if known == State.OUT:
        return False, "opted_out"
    if known == State.UNSET and purpose in OPT_IN:
        return False, "no_opt_in"
    return True, ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds at one contact point for one purpose, and the word that decides it."""

    identity: Identity
    purpose: str
    state: str
    word: Consent


def standing(
    roots: Sequence[int], *, at: datetime | None = None, held: Sequence[Identity] | None = None
) -> list[Standing]:
    """Of these people: each contact point, each purpose somebody said something about. As `state` answers; two queries,
    or one where their addresses were read (`held`).

    Of several roots together: as it would be if they were one person, the most restrictive of each address.
    """
    if held is None:
        held = list(Identity.objects.live().filter(customer__root_id__in=roots).order_by("namespace", "pk"))
    held = [row for row in held if row.valid_to is None]
    words = Consent.objects.filter(identity__in=held, occurred_at__lte=at or clock.now()).order_by("occurred_at", "pk")
    newest: dict[int, dict[str, Consent]] = defaultdict(dict)
    for word in words:
        newest[word.identity_id][word.purpose] = word
    return [one for point in _points(held) for one in _standing(point, newest)]


def _check(evidence: Mapping[str, str]) -> None:
    said = {name: text for name, text in evidence.items() if name != "actor" and text.strip()}
    if not said:
        raise BadWord(_("Say how we know it."))
    if len(evidence) > PROOFS or any(len(part) > LONGEST for pair in evidence.items() for part in pair):
        raise BadWord(f"The evidence has at most {PROOFS} entries of at most {LONGEST} characters.")
    if not all(name.isprintable() for name in evidence):
        raise BadWord("The evidence names its entries in plain text.")


def _points(held: Sequence[Identity]) -> list[list[Identity]]:
    """Rows that are one address: the same value (typed elsewhere), or other names of it."""
    points: list[list[Identity]] = []
    known: dict[object, list[Identity]] = {}
    for row in held:
        marks = (row.head_id, (row.namespace, row.scope, row.key))
        point = next((known[mark] for mark in marks if mark in known), None)
        if point is None:
            points.append(point := [])
        point.append(row)
        known |= dict.fromkeys(marks, point)
    return points


def _standing(point: Sequence[Identity], newest: Mapping[int, Mapping[str, Consent]]) -> list[Standing]:
    said = {purpose for row in point for purpose in newest.get(row.pk, ())}
    found = []
    for purpose in [one for one in Purpose if one in said]:
        deciding = []
        for row in point:
            mine = newest.get(row.pk, {})
            words = [mine[name] for name in {purpose, Purpose.ALL} if name in mine]
            if words:
                deciding.append((row, max(words, key=lambda word: (word.occurred_at, word.pk))))
        row, word = min(deciding, key=lambda pair: RESTRICTIVE.index(State(pair[1].state)))
        found.append(Standing(row, purpose, word.state, word))
    return found


def _words(identity: Identity, purpose: str, at: datetime) -> dict[int, list[Consent]]:
    """By identity row of the same address (its aliases and, typed elsewhere in the cluster, the same key)."""
    root_id = identity.customer.root_id
    rows = Identity.objects.live().of_cluster(root_id)
    same = rows.filter(namespace=identity.namespace, scope=identity.scope, key=identity.key)
    aliases = rows.filter(endpoint_id=identity.head_id)
    ids = {identity.pk, identity.head_id, *same.values_list("pk", flat=True), *aliases.values_list("pk", flat=True)}
    found: dict[int, list[Consent]] = {}
    wanted = (purpose, Purpose.ALL)
    for word in Consent.objects.filter(identity_id__in=ids, purpose__in=wanted, occurred_at__lte=at):
        found.setdefault(word.identity_id, []).append(word)
    return found


def _newest(words: Iterable[Consent]) -> Consent:
    return max(words, key=lambda word: (word.occurred_at, word.pk))
