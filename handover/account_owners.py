"""Who looks after this customer, and does not have the conversation? They are told, wherever it goes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from conversations import events
from conversations.journeys.scene import Scene
from handover import mentions, presence
from handover.models import Note
from handover.routing import Plan, places, reading

PASSED_OVER = range(7, 15)  # rules of the plan: every one by which they would have been asked first


def tell(scene: Scene, plan: Plan) -> None:
    """A note that names them, if they are away and somebody else is asked: they read it when they are back."""
    if plan.rule not in PASSED_OVER:
        return
    owner = places.named_agent(reading.known_of(scene.root.pk).get("account_owner"))
    if owner is None or not owner.is_active or presence.is_online(owner, scene.now):
        return
    conversation = scene.conversation
    words = _("@{agent}: this customer, whom you look after, asked for a person while you were away.")
    note = Note.objects.create(
        conversation=conversation,
        customer_id=conversation.customer_id,
        text=words.format(agent=owner.name),
        created_at=scene.now,
    )
    mentions.write(note)
    events.append(conversation=conversation, kind="note", actor_kind="system", data={"note": str(note.public_id)})
