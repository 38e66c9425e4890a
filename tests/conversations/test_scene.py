"""What may a journey know at the place where it speaks? Nothing more because of a merge."""

from __future__ import annotations

import pytest

from conversations.journeys.scene import Scene
from conversations.sessions import Place
from customers import merging
from tests import factories

pytestmark = pytest.mark.django_db


def test_words_without_an_address_are_shown_where_their_origin_is_reached_and_nowhere_else() -> None:
    person, phone = factories.maya()
    factories.attribute(person, "city", "Malmö", source="crm")
    other = factories.identity(factories.customer(), "telegram_user", "7001")
    merging.merge(a=person, b=other.customer, kind="manual", rule="agent", actor="user:1", request_id="by hand")
    account = Place(other, "telegram-demo", "telegram", (other.pk,), "attested")
    for place, expected in ((factories.whatsapp(phone), "Malmö"), (account, None)):
        place.identity.refresh_from_db()
        heard = factories.receive(place, "hello")
        assert Scene(heard.conversation, heard.session, heard.root).attributes.get("city") == expected
