"""What does an agent see who may see everything: every address and every fact of a customer whole?"""

from __future__ import annotations

from collections.abc import Sequence

from customers import attributes, pages_words
from customers.attribute_showing import Shown
from customers.models import Customer, Identity
from handover.inbox import naming


def whole(root: Customer) -> tuple[list[tuple[Identity, str, str]], list[Shown]]:
    """Every live address (row, kind, as people write it) and every fact; a browser's token is nobody's to see."""
    live = Identity.objects.live().of_cluster(root.pk).order_by("namespace", "pk")
    addresses = [(row, pages_words.kind(row.namespace), naming.label(row)) for row in live]
    return addresses, attributes.shown(root, reveals=True)


def hidden(root: Customer, facts: Sequence[Shown]) -> dict[str, str]:
    """Of these the values that are masked in the panel, by the word that they stand for: a newer one is not covered."""
    words = dict(root.attributes.values_list("key", "observation_id"))
    masked = {one.key for one in attributes.shown(root) if one.masked}
    return {str(words[one.key]): one.value for one in facts if one.key in masked and one.key in words}
