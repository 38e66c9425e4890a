"""What is a conversation about? Topics that agents give it, by key; the list of topics is kept in the back office."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from common import clock
from conversations import events
from conversations.models import Conversation
from handover import holding, refusals
from handover.models import Agent, ConversationTag, Tag


@transaction.atomic
def put(*, conversation_id: int, agent: Agent, keys: Collection[str]) -> Conversation:
    """The conversation is about these topics and no others; event `tagged` with what came and went."""
    conversation = holding.locked(conversation_id, agent)
    give(conversation, agent, keys)
    return conversation


@transaction.atomic
def add(*, conversation_id: int, agent: Agent, key: str) -> bool:
    """One topic more; those that are there stay, whoever gives some at the same moment. False if it is there."""
    conversation = holding.locked(conversation_id, agent)
    known = keys_of(conversation)
    give(conversation, agent, {*known, key})
    return key not in known


@transaction.atomic
def remove(*, conversation_id: int, agent: Agent, key: str) -> None:
    """One topic less, if it is there; the others stay."""
    conversation = holding.locked(conversation_id, agent)
    give(conversation, agent, set(keys_of(conversation)) - {key})


def give(conversation: Conversation, agent: Agent, keys: Collection[str]) -> None:
    """The same, under the conversation's row lock. `NoSuchTopic` for a key that is not on the list (any more)."""
    before = dict(conversation.tags.values_list("tag__key", "tag_id"))
    wanted = dict(Tag.objects.filter(key__in=keys).values_list("key", "pk"))
    archived = set(Tag.objects.filter(key__in=keys, is_archived=True).values_list("key", flat=True))
    for key in keys:
        if key not in wanted or (key in archived and key not in before):
            raise refusals.NoSuchTopic(key=key)
    added, removed = sorted(wanted.keys() - before.keys()), sorted(before.keys() - wanted.keys())
    if not added and not removed:
        return
    conversation.tags.filter(tag_id__in=[before[key] for key in removed]).delete()
    now = clock.now()
    ConversationTag.objects.bulk_create(
        [ConversationTag(conversation=conversation, tag_id=wanted[key], agent=agent, given_at=now) for key in added],
        ignore_conflicts=True,
    )
    data = {"added": added, "removed": removed}
    events.append(conversation=conversation, kind="tagged", actor_kind="agent", actor_id=agent.pk, data=data)


def keys_of(conversation: Conversation) -> list[str]:
    """The topics of a conversation, in the order of their titles."""
    return list(conversation.tags.order_by("tag__title").values_list("tag__key", flat=True))
