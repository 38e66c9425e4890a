"""How do the words of the search go when a person goes?"""

from __future__ import annotations

from conversations import words
from conversations.models import SearchWords
from customers.privacy import Person
from customers.privacy_rows import drop

GIVEN = "t.kind = 'p' AND t.object_id IN (SELECT id FROM customers_observation WHERE identity_id = ANY(%s))"


def erase(person: Person, limit: int) -> int:
    """After whoever gathers just now: so none comes back. Also the names that they gave somebody else."""
    words.wait_for_gatherer()
    given = drop(SearchWords, GIVEN, [list(person.identities)], limit)
    return given + drop(SearchWords, "t.customer_id = ANY(%s)", [list(person.members)], limit)
