"""Is a WhatsApp channel's set-up told in sentences, and does the way to it work: webhook, links, answers?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from channels_app.registry import Outgoing, account_of, adapter
from conversations.content import Text
from tests.browser.site import Site
from tests.channels_app import pretended
from tests.channels_app.stage import Stage, stage

pytestmark = pytest.mark.django_db(transaction=True)
WHATSAPP = adapter("whatsapp")


@pytest.fixture
def phone(live_server: Any) -> Iterator[Stage]:
    with stage("whatsapp", live_server.url) as running:
        yield running


def test_a_link_leads_to_the_number_with_the_code_in_the_text(phone):
    found = WHATSAPP.link(account_of(phone.channel), "K7Q2M9")
    assert "/wa.me/15550783881?text=" in found.url and found.url.endswith("%5B%23K7Q2M9%5D")
    assert found.say.endswith("[#K7Q2M9]")
    del phone.channel.config["link_url"]
    assert WHATSAPP.link(account_of(phone.channel), "K7Q2M9").url.startswith("https://wa.me/15550783881?text=")
    phone.channel.config = {}
    assert WHATSAPP.link(account_of(phone.channel), "K7Q2M9") is None


def test_check_tells_what_is_there_in_sentences(phone):
    found = WHATSAPP.check(account_of(phone.channel))
    assert [one.is_well for one in found] == [True] * 3
    assert [one.text for one in found] == [
        "The phone number 15550783881 (Nordic Chairs on WhatsApp) answers. Its quality is green.",
        "Webhooks go to Throughline sandbox.",
        "6 templates, 5 of them approved.",
    ]


@pytest.mark.parametrize(("word", "is_well"), [("", True), ("another", False)])
def test_connecting_tells_the_provider_our_url_which_proves_itself(transactional_db, settings, word, is_well):
    site = Site()
    settings.PUBLIC_URL = site.url
    site.start()
    with stage("whatsapp", site.url) as phone:
        account = account_of(phone.channel)
        if word:
            account = replace(account, credentials={**account.credentials, "verify_token": word})
        told, *_ = WHATSAPP.connect(account, f"{site.url}/webhooks/whatsapp/demo")
    site.stop()
    assert told.is_well is is_well


def test_connecting_needs_the_business_account(phone):
    del phone.channel.config["waba_id"]
    assert not WHATSAPP.connect(account_of(phone.channel), "https://desk.example/x")[0].is_well


@pytest.mark.scenario("ID-70")
def test_the_answer_to_a_send_tells_the_owners_business_scoped_id(phone):
    phone.does(text="hi", who="noor")
    noor = pretended.person("noor")
    sent = WHATSAPP.send(account_of(phone.channel), Outgoing(Text("hello"), "phone", noor.phone, "ref-1"))
    assert [handle[:3] for handle in sent.handles] == [("wa_bsuid", "demo-portfolio", noor.bsuid)]


def test_check_with_a_wrong_token_says_what_to_do(phone):
    phone.channel.credentials = {"access_token": "wrong"}
    found = WHATSAPP.check(account_of(phone.channel))
    assert not any(one.is_well for one in found) and "new token" in found[0].text
