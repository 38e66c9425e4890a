"""Does a journey get the place or the file that it asks for, and nothing else?"""

from __future__ import annotations

import pytest
from django.db import transaction

from common import clock
from conversations import threads
from conversations.content import Content, Location, Media
from conversations.models import Attachment
from conversations.threads import Heard
from handover import turns
from handover.models import Queue
from tests.stories import cast
from tests.stories.cast import Endpoint

REPAIR = """
journey: repair
title: A repair
triggers: [{keyword: [repair]}]
steps:
  - {id: where, type: ask, text: "Where is it?", expect: {kind: location}, resume: At the place., on_invalid: bye}
  - id: photo
    type: ask
    text: Send a picture.
    expect: {kind: file, accept: [image]}
    resume: We were at the picture.
    on_invalid: bye
  - {id: done, type: message, text: "Noted: {{ vars.where }} ({{ vars.where.latitude }}), {{ vars.photo }}."}
  - {id: bye, type: end}
"""


@pytest.fixture
def phone(sales: Queue) -> Endpoint:
    cast.publish(REPAIR)
    person = cast.maya()
    endpoint = person.on_whatsapp()
    endpoint.says("repair")
    return endpoint


def sends(phone: Endpoint, content: Content, **media: str) -> list[str]:
    """What a provider's message becomes: the content, and where its file can be fetched."""
    heard = Heard(content=content, occurred_at=clock.now(), media=(media,) if media else ())
    with transaction.atomic():
        received = threads.receive(place=phone.place, heard=heard)
        turns.take(received=received, heard=heard)
    return phone.news()


def test_a_shared_place_and_a_picture_are_the_answers(phone: Endpoint) -> None:
    assert sends(phone, Location(41.3874, 2.1686, "Shop", "Main Street 1")) == ["Send a picture."]
    picture = Media("image", filename="modem.png", mime_type="image/png")
    said = sends(phone, picture, reference="m1", media_type="image/png", name="modem.png")
    assert said == ["Noted: Shop, Main Street 1 (41.3874), modem.png."]


def test_a_picture_is_a_message_for_the_team(phone: Endpoint) -> None:
    phone.says("cancel")
    phone.says("leave a message")
    picture = Media("image", filename="leg.png", mime_type="image/png")
    said = sends(phone, picture, reference="m2", media_type="image/png", name="leg.png")
    assert said[0] == "Thank you, I have passed that on. You will get an answer here."


def test_the_value_names_our_copy_of_the_file(phone: Endpoint) -> None:
    sends(phone, Location(41.0, 2.0))
    sends(phone, Media("image"), reference="m1", media_type="image/png", name="a.png")
    person = phone.place.identity.customer
    value = cast.Person(person, phone.place.identity).run("repair").vars["photo"]
    assert value["attachment"] == str(Attachment.objects.get().public_id)


def test_words_are_neither_a_place_nor_a_picture(phone: Endpoint) -> None:
    assert "share your location" in phone.says("at home")[0]
    assert phone.says("41.3874, 2.1686") == ["Send a picture."]
    assert phone.says("here it is") == ["Please send a picture."]
    assert sends(phone, Media("audio"), reference="m2", media_type="audio/ogg", name="") == ["Please send a picture."]
