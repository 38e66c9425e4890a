"""How do the words of the search go when a person goes?"""

from __future__ import annotations

from conversations import words
from conversations.models import SearchWords
from customers.privacy import Person
from customers.privacy_rows import drop


def erase(person: Person, limit: int) -> int:
    """After what they stand in, and after whoever gathers from it just now: so none comes back."""
    words.wait_for_gatherer()
    return drop(SearchWords, "t.customer_id = ANY(%s)", [list(person.members)], limit)
