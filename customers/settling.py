"""How does a person decide a disagreement? Keep, use or edit: the value chosen is pinned. Or nothing is to be done.

Problem
+-- Settled     409 settled         somebody was faster
+-- NoChoice    400 no_such_choice  a value that nobody offered, or none at all
+-- NotAValue   400 not_a_value     the conflict is not about the value of an attribute
+-- NoDecision  400 no_such_decision  nothing of the kind is decided about such a conflict
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common import numbers
from common.problems import Problem
from customers import attributes, audit, news, pages_words, recycling, sharing
from customers.attribute_facts import ABOUT_VALUES
from customers.models import Attribute, Conflict, Observation

# What else can be done about a conflict of a kind, besides looking at it: choice -> what does it.
VERBS: Mapping[str, Mapping[str, Callable[..., str]]] = {
    Conflict.Kind.SUSPECTED_RECYCLE: {"same_person": recycling.same_person, "new_person": recycling.new_person},
    Conflict.Kind.SHARED_VALUE: {"block": sharing.block, "allow": sharing.allow},
}


class Settled(Problem):
    code, title, status = "settled", "Somebody has settled this already.", 409


class NoChoice(Problem):
    code, title, status = "no_such_choice", "Choose one of the values, or type the one that is right.", 400


class NotAValue(Problem):
    code, title, status = "not_a_value", "This conflict is not about the value of an attribute.", 400


class NoDecision(Problem):
    code, title, status = "no_such_decision", "This is not what is decided about such a conflict.", 400


def settle(*, conflict: Conflict, choice: str, own: str, by: str) -> str:
    """`choice`: the number of an observation that is kept or offered, `own` (then `own` is the value), or `dismiss`.

    Returns what to say of it. Whoever comes second is told so and changes nothing.
    """
    with transaction.atomic():
        found = _open(conflict)
        if choice in (of_kind := VERBS.get(found.kind, {})):
            return of_kind[choice](conflict=found, by=by)
        return _dismiss(found, by) if choice == "dismiss" else _decide(found, choice, own, by)


def hold(*, conflict: Conflict, value: Any, by: str) -> None:
    """This value holds, whatever is said later; None clears. Whoever comes second is told so and changes nothing."""
    with transaction.atomic():
        found = _open(conflict)
        if not is_about_value(found):
            raise NotAValue()
        attributes.settle(conflict=found, value=value, by=by)
        audit.record(actor=by, action="conflict.settled", object_id=str(found.public_id))


def decide(*, conflict: Conflict, choice: str, by: str) -> str:
    """What people know about an address that is doubted, or shared: one of the `VERBS` of the conflict's kind."""
    with transaction.atomic():
        found = _open(conflict)
        verbs = VERBS.get(found.kind, {})
        if choice not in verbs:
            raise NoDecision(f"Of a conflict of this kind is decided: {', '.join(verbs) or 'nothing'}.")
        return verbs[choice](conflict=found, by=by)


def is_about_value(row: Conflict) -> bool:
    """Do two values of one attribute disagree? Everything else is about addresses or rows of a file.

    Whoever notes facts may settle these, too; the rest takes the right to change customers, at every door.
    """
    return row.kind in ABOUT_VALUES


def key_of(row: Conflict) -> str:
    """The attribute, or the kind of address, that it is about."""
    return row.subject.partition(":")[0]


def candidates(row: Conflict) -> Sequence[int]:
    """The observations among the candidates."""
    texts = [str(one).partition(":") for one in row.candidates]
    return [int(number) for head, _colon, number in texts if head == "observation" and number.isdigit()]


def _open(conflict: Conflict) -> Conflict:
    """The row, locked until the end of the transaction; `Settled` if somebody was faster."""
    found = Conflict.objects.select_for_update(of=("self",)).select_related("customer").get(pk=conflict.pk)
    if found.status != Conflict.Status.OPEN:
        raise Settled()
    return found


def _dismiss(found: Conflict, by: str) -> str:
    found.status, found.resolved_by, found.resolution = Conflict.Status.RESOLVED, by, "dismissed"
    found.save(update_fields=["status", "resolved_by", "resolution"])
    audit.record(actor=by, action="conflict.dismissed", object_id=str(found.public_id))
    news.tell(found.customer_id)
    return _("Closed as looked at.")


def _decide(found: Conflict, choice: str, own: str, by: str) -> str:
    if not is_about_value(found):
        raise NotAValue()
    key = key_of(found)
    held = Attribute.objects.filter(root_id=found.customer.root_id, key=key).select_related("observation")
    kept = held.first()
    allowed = {*candidates(found), *([kept.observation_id] if kept else [])}
    chosen = numbers.whole(choice, digits=18)
    word = Observation.objects.get(pk=chosen) if chosen in allowed else None
    if word is None and not (choice == "own" and own.strip()):
        raise NoChoice()
    like = kept.observation.value if kept else None
    value = word.value if word else pages_words.typed(own.strip(), like)
    hold(conflict=found, value=value, by=by)
    return _("Settled: this %(key)s holds, whatever is said later.") % {"key": key}
