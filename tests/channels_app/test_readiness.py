"""Does a channel that is not filled in say what it lacks, and is no provider called for it?"""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from channels_app import checks, connecting, readiness
from channels_app.models import Channel, ChannelState
from channels_app.registry import Account, DeliveryError, adapter
from common import checkups
from tests.channels_app import whatsapp
from tests.channels_app.providers import Graph

SHOP = "support@shop.example"
POSTED = {"app": "main", "esp": "postmark"}
IMAP = {"imap_host": "mail.shop.example", "imap_user": "support"}


@pytest.mark.django_db
def test_a_check_names_what_is_missing_and_asks_nobody(graph: Graph) -> None:
    channel = whatsapp.channel(base_url=graph.url)
    channel.credentials = {"app_secret": "s"}
    channel.save(update_fields=["credentials"])
    for found in (checks.check(channel), connecting.connect(channel)):
        assert [(one.is_well, one.text) for one in found] == [(False, "Not set up: no verify_token, no access_token.")]
    assert graph.requests == 0 and ChannelState.objects.get().findings[0]["is_well"] is False


@pytest.mark.django_db
def test_the_command_and_doctor_say_the_same() -> None:
    Channel.objects.create(key="sms", kind="sms", title="Text", account="+15005550006", config={"app": "s"})
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("connect_channel", "sms", stdout=said)
    assert said.getvalue() == "FAIL Not set up: no account_sid, no auth_token.\n"
    found = checkups.registered["channels"]()
    assert found.level == "FAIL" and "Text: not set up: no account_sid, no auth_token" in found.text


@pytest.mark.django_db
def test_the_widget_needs_nothing() -> None:
    assert readiness.missing(Channel.objects.create(key="web", kind="web", title="Shop")) == []


@pytest.mark.parametrize(
    ("config", "credentials", "lacks"),
    [
        ({}, {}, ["esp or imap_host", "esp or smtp_host"]),
        ({"esp": "postmark"}, {}, ["app", "webhook_secret", "api_key"]),
        (POSTED, {"webhook_secret": "u:p", "api_key": "k"}, []),
        (POSTED | {"esp": "mailgun"}, {"signing_key": "s", "api_key": "k"}, []),
        (POSTED | {"esp": "mailjet"}, {"webhook_secret": "u:p", "api_key": "k"}, ["api_secret"]),
        (POSTED | {"esp": "amazon_ses"}, {}, ["esp or imap_host", "esp or smtp_host"]),
        (IMAP, {}, ["imap_password", "esp or smtp_host"]),
        (IMAP | {"smtp_host": "m", "smtp_user": "u"}, {"imap_password": "p"}, ["smtp_password"]),
        (IMAP | {"smtp_host": "m"}, {"imap_password": "p"}, []),
    ],
)
def test_mail_needs_a_way_in_and_a_way_out(config: Any, credentials: Any, lacks: list[str]) -> None:
    assert list(adapter("email").missing(Account("e", SHOP, config, credentials))) == lacks


def test_keys_of_twilio_stand_for_its_token() -> None:
    config = {"app": "s", "account_sid": "AC0", "api_key_sid": "SK0"}
    found = Account("s", "+15005550006", config, {"api_key_secret": "a", "shared_key": "b"})
    assert list(adapter("sms").missing(found)) == []
    assert list(adapter("sms").missing(Account("s", "+15005550006", config, {"shared_key": "b"}))) == ["auth_token"]


def test_a_failure_without_a_code_has_no_empty_brackets() -> None:
    assert DeliveryError("provider_down", provider_text="ConnectError").said == "ConnectError"
    assert DeliveryError("rejected", provider_code="401").said == "rejected (401)"
