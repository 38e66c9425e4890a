"""Over which endpoint does a person speak, and where may we answer?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from common import clock
from conversations import sessions
from conversations.models import Session
from tests import factories

pytestmark = pytest.mark.django_db


def change(session: Session, **values: object) -> None:
    Session.objects.filter(pk=session.pk).update(**values)


def test_the_last_inbound_channel_that_is_open_comes_first() -> None:
    person, phone = factories.maya()
    here = factories.receive(factories.whatsapp(phone), "hello")
    factories.receive(factories.web(factories.site_user(person)), "hello")
    options = sessions.reply_options(conversation=here.conversation)
    assert [option.session.kind for option in options] == ["web", "whatsapp"]
    factories.receive(factories.whatsapp(phone), "back on the phone")
    options = sessions.reply_options(conversation=here.conversation)
    assert [option.session.kind for option in options] == ["whatsapp", "web"]


@pytest.mark.scenario("HO-67")
def test_a_closed_window_comes_last_with_its_reason() -> None:
    person, phone = factories.maya()
    factories.receive(factories.web(factories.site_user(person)), "hello")
    here = factories.receive(factories.whatsapp(phone), "hello")
    change(here.session, window_expires_at=clock.now() - timedelta(seconds=1))
    web, whatsapp = sessions.reply_options(conversation=here.conversation)
    assert (web.is_open, whatsapp.is_open) == (True, False)
    assert "24-hour window" in whatsapp.reason


def test_an_address_that_was_retired_is_no_way_to_answer() -> None:
    _, phone = factories.maya()
    here = factories.receive(factories.whatsapp(phone), "hello")
    type(phone).objects.filter(pk=phone.pk).update(valid_to=clock.now())
    (option,) = sessions.reply_options(conversation=here.conversation)
    assert option.reason == "This address is not proven."


def test_an_ended_session_is_no_way_to_answer() -> None:
    _, phone = factories.maya()
    here = factories.receive(factories.whatsapp(phone), "hello")
    sessions.end_all(conversation=here.conversation)
    assert sessions.reply_options(conversation=here.conversation) == []


@pytest.mark.scenario("J-12")
def test_what_is_said_in_private_is_not_answered_in_public() -> None:
    _, phone = factories.maya()
    private = factories.whatsapp(phone)
    first = factories.receive(private, "hello").session
    public = factories.receive(replace(private, is_public=True), "hello, everybody").session
    again = factories.receive(private, "between us").session
    assert len({first.pk, public.pk, again.pk}) == 3
    assert [one.is_public_place for one in (first, public, again)] == [False, True, False]
    assert Session.objects.filter(ended_at=None).get() == again


def coded_in(kind: str) -> tuple[Session, sessions.Place]:
    """A session where a code was typed; an SMS proves nothing of its sender, WhatsApp does."""
    _, phone = factories.maya()
    place = factories.whatsapp(phone)
    if kind == "sms":
        place = replace(place, kind="sms", proven=(), assurance="none")
    session = factories.receive(place, "hello").session
    sessions.prove(session=session, identity=phone)
    return session, place


@pytest.mark.parametrize(("kind", "later"), [("sms", "none"), ("whatsapp", "strong")])
def test_where_the_sender_proves_nothing_a_code_holds_for_minutes(kind: str, later: str) -> None:
    session, place = coded_in(kind)
    sessions.heard(session=session, place=place, at=clock.now())
    assert session.assurance == "strong"
    session.coded_at = clock.now() - timedelta(minutes=16)
    sessions.heard(session=session, place=place, at=clock.now())
    assert session.assurance == later
