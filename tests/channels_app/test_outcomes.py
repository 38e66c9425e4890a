"""Is what a provider says kept without anything that opens an account or names a person?"""

from __future__ import annotations

import logging

import pytest
from django.db import transaction

from channels_app import stops
from channels_app.models import Channel
from channels_app.outcomes import redact
from tests.channels_app import whatsapp

CANARIES = (
    "Error validating Bearer EAAJZCc9f0bCANARY1234567890",
    "GET /v25.0/me?access_token=CANARY-token failed",
    "https://api.telegram.org/bot7012345678:AAH-CANARYxCANARYxCANARYx0123/sendMessage",
    "Authentication failed: password=CANARY",
    '{"auth_token": "CANARY"}',
    "unknown api_key: CANARY",
)


@pytest.mark.parametrize("said", CANARIES)
def test_no_token_survives(said):
    assert "CANARY" not in redact(said)


def test_no_number_of_a_person_survives_and_the_words_do():
    assert redact("Recipient +46 70 174 06 35 is not on the list") == "Recipient … is not on the list"


@pytest.mark.scenario("T-67")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("said", CANARIES)
def test_no_token_gets_into_the_log_or_the_admin_when_a_channel_stops(said, caplog):
    channel = whatsapp.channel()
    with caplog.at_level(logging.DEBUG), transaction.atomic():
        stops.stop(channel.key, said)
    assert "CANARY" not in caplog.text + Channel.objects.get().stopped_reason
    assert "stopped" in caplog.text
