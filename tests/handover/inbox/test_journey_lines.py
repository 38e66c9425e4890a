"""Do the lines between the messages name a journey by its title, and what goes on beside the conversation?"""

from __future__ import annotations

import pytest

from conversations.journeys import publishing
from conversations.models import ConversationEvent
from handover.inbox import lines

pytestmark = pytest.mark.django_db
TEXT = "journey: modem_try\ntitle: Restart the modem\nsteps: [{id: bye, type: end}]\n"


def said(kind: str) -> str:
    return lines.sentence(ConversationEvent(kind=kind, data={"journey": "modem_try"}), None, "")


def test_a_live_journey_is_named_by_its_title() -> None:
    publishing.publish(text=TEXT)
    assert said("journey_started") == "Journey “Restart the modem” started"
    assert said("journey_forked") == "Journey “Restart the modem” goes on in the background"


def test_one_that_is_not_live_is_named_by_its_key_in_words() -> None:
    publishing.forget()
    assert said("journey_started") == "Journey “modem try” started"
