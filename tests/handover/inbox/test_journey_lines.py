"""Do the lines between the messages name a journey by its title, and what goes on beside the conversation?"""

from __future__ import annotations

import pytest
from django.utils.translation import override

from conversations.journeys import publishing
from conversations.models import ConversationEvent
from handover.inbox import lines
from handover.models import SlaClock

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


def of_promise(kind: str, **data: object) -> str:
    return lines.sentence(ConversationEvent(kind=kind, data=data), None, "")


def test_a_promise_that_is_broken_is_named_and_two_of_them_do_not_read_alike() -> None:
    said = {of_promise("sla_breached", promise=kind, minutes=60) for kind in SlaClock.Kind}
    assert "The first answer is late: within 60 min was promised" in said and len(said) == 3
    assert len({of_promise("sla_warned", promise=kind, minutes=60) for kind in SlaClock.Kind}) == 3
    with override("es"):
        assert of_promise("sla_breached", promise="resolution", minutes=60).startswith("La solución llega tarde")


def test_one_that_does_not_say_which_it_was_is_told_all_the_same() -> None:
    assert of_promise("sla_breached") == "A promise is broken: the customer waited too long"
