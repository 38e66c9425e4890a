"""In which of the texts that hold all the words do they stand side by side? The texts are opened, the newest first.

The index knows no order of words. So at most `OPENED` texts are read, at most `EACH` of a conversation, in few steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from conversations.words import sources
from conversations.words.lexemes import Wanted

CONVERSATIONS = 100  # that hold the words and are looked at
EACH = 5  # texts of one of them
OPENED = 300  # texts of one search
STEP = 20  # conversations of one reading
Text = tuple[str, int]  # kind and primary key


@dataclass(frozen=True, slots=True)
class Hit:
    """The newest text of a conversation in which all the words stand, each phrase side by side.

    `placed_at`: where the conversation stands in the answer, by the newest text with the words in any order.
    """

    conversation_id: int
    kind: str
    object_id: int
    said_at: datetime
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation with the newest of its texts that hold all the words, in the order of time."""

    conversation_id: int
    kinds: Sequence[str]
    ids: Sequence[int]
    times: Sequence[datetime]

    @property
    def texts(self) -> list[Text]:
        return list(zip(self.kinds, self.ids, strict=True))

    def hit(self, place: int = 0) -> Hit:
        """The text at this place."""
        return Hit(self.conversation_id, self.kinds[place], self.ids[place], self.times[place], self.times[0])


@dataclass
class Reading:
    """What one search has read. `is_cut`: there was more than it may read."""

    asked: Wanted
    is_cut: bool = False
    _told: dict[Text, bool] = field(default_factory=dict)

    @property
    def is_spent(self) -> bool:
        return len(self._told) >= OPENED

    def kept(self, rows: Sequence[Row], limit: int) -> list[Hit]:
        """Of these rows the first `limit` with each phrase in one of their texts."""
        if not self.asked.phrases:
            return [row.hit() for row in rows]
        found: list[Hit] = []
        for start in range(0, len(rows), STEP):
            if self.is_spent:
                self.is_cut = True
                return found
            step = rows[start : start + STEP]
            self._read([text for row in step for text in row.texts])
            found += [hit for row in step if (hit := self._first(row))]
            if len(found) >= limit:
                return found[:limit]
        self.is_cut = self.is_cut or len(rows) == CONVERSATIONS
        return found

    def _first(self, row: Row) -> Hit | None:
        place = next((at for at, text in enumerate(row.texts) if self._told[text]), None)
        if place is None:
            self.is_cut = self.is_cut or len(row.ids) == EACH
            return None
        return row.hit(place)

    def _read(self, texts: Sequence[Text]) -> None:
        wanted = [text for text in texts if text not in self._told]
        self._told |= dict.fromkeys(wanted, False)
        for kind in {kind for kind, _ in wanted}:
            for one in sources.read(kind, [pk for its, pk in wanted if its == kind]):
                self._told[kind, one.object_id] = self.asked.is_in(one.text)
