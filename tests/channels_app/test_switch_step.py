"""Does a journey's message with `switch` lead on, to what is connected, and to nothing else?"""

from __future__ import annotations

import pytest

from channels_app import visits
from channels_app.models import Channel
from conversations.sessions import Place
from tests.channels_app import switches
from tests.channels_app.switches import Spot, on
from tests.stories import cast
from tests.stories.cast import words

pytestmark = pytest.mark.django_db
LEADING = """
journey: leading
title: Elsewhere
triggers: [{keyword: [elsewhere]}]
policy: {audience: public}
steps:
  - {id: way, type: message, text: We can go on elsewhere., switch: [whatsapp, telegram]}
  - {id: age, type: ask, text: "How old is it?", resume: We were at its age.}
  - {id: bye, type: end}
"""


@pytest.fixture
def web(db: None) -> Spot:
    switches.connect()
    cast.sales()
    cast.library()
    cast.publish(LEADING)
    visitor = visits.open(channel=Channel.objects.get(key="web-shop")).visit.visitor
    assert visitor is not None
    return Spot(Place(visitor, "web-shop", "web", (visitor.pk,)))


@pytest.fixture
def sms(web: Spot) -> Spot:
    return on("sms", "46701740999", "Bo", namespace="phone")


def test_the_link_leads_to_the_open_step(sms: Spot) -> None:
    said = sms.says("elsewhere")
    assert said[0] == "We can go on elsewhere."
    assert "t.me/" in said[1] and "WhatsApp" not in words(said)
    phone = on("telegram", "5812004417", "Maya")
    assert "Link this chat to" in words(phone.says(code=said[1].partition("?start=")[2].split()[0]))


def test_a_widget_offers_a_button_that_makes_the_link_when_it_is_wanted(web: Spot) -> None:
    web.says("elsewhere")
    offered = next(row.content for row in web.shown() if row.content["type"] == "choice")
    assert [option["payload"] for option in offered["options"]] == ["lead:telegram-demo"]
    assert "t.me" not in str(offered)


def test_nothing_is_offered_at_a_kiosk(web: Spot) -> None:
    Channel.objects.filter(kind="web").update(config={"kiosk": True})
    assert web.says("elsewhere") == ["We can go on elsewhere.", "How old is it?"]


def test_without_a_channel_to_go_to_the_words_stand_alone(web: Spot) -> None:
    Channel.objects.filter(kind="telegram").delete()
    assert web.says("elsewhere") == ["We can go on elsewhere.", "How old is it?"]


def test_in_a_public_place_no_code_is_said(web: Spot) -> None:
    group = on("telegram", "5812004418", "Bo")
    group.place = Place(group.place.identity, "telegram-demo", "telegram", (), "attested", is_public=True)
    said = words(group.says("elsewhere"))
    assert "We can go on elsewhere." in said
    assert "http" not in said
