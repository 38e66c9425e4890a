"""What did agents say of the conversations that are over: what they were about, and what came of them?"""

from __future__ import annotations

from typing import Any

from handover.models import ConversationTag, WrapUp


def described(block: dict[str, Any]) -> dict[str, Any]:
    """The context block with what agents said of its earlier conversations: topics and outcome, as people read them.

    Two queries, none where there is no earlier conversation.
    """
    earlier = block.get("previous") or []
    ids = [one["id"] for one in earlier]
    topics: dict[str, list[str]] = {}
    if not ids:
        return block
    given = ConversationTag.objects.filter(conversation__public_id__in=ids).order_by("tag__title")
    for public_id, title in given.values_list("conversation__public_id", "tag__title"):
        topics.setdefault(str(public_id), []).append(title)
    done = WrapUp.objects.filter(conversation__public_id__in=ids, disposition__isnull=False).order_by("pk")
    outcomes = done.values_list("conversation__public_id", "disposition__title")
    ended = {str(public_id): title for public_id, title in outcomes}
    return block | {
        "previous": [
            one | {"topics": ", ".join(topics.get(one["id"], [])), "outcome": ended.get(one["id"], "")}
            for one in earlier
        ]
    }
