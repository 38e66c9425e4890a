"""Is a message about the same matter still, or does it name something of its own?"""

from __future__ import annotations

from common import clock
from conversations import courtesy
from conversations.journeys import commands, publishing, stop_words, tongues, triggers
from conversations.journeys.state import Heard as Said
from conversations.sessions import Place
from conversations.threads import Heard
from customers.models import Customer
from handover import ratings


def goes_on(root: Customer, heard: Heard, place: Place) -> bool:
    """Words or a picture that name nothing of their own: no courtesy, no command, no journey, no other language."""
    if heard.is_automatic or heard.action or heard.payload or heard.link:
        return False
    said = Said(text=heard.text, at=clock.now(), channel=place.channel)
    if courtesy.of(heard.text) or stop_words.wish(heard.text) or tongues.named(heard.text):
        return False
    if ratings.is_answer(
        heard.text, root_id=root.pk, identity_id=place.identity.pk, channel=place.channel, kind=place.kind
    ):
        return False
    return commands.recognise(said) is None and triggers.match(said, publishing.table(), whole=True) is None
