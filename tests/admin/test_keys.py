"""Can a site's keys be made, ended and read from the site's own list, and no more than two at a time?"""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from django.test import Client

from channels_app import channel_form, secret_hosts
from channels_app.key_models import KeySet
from channels_app.models import Channel, WidgetKey
from common import clock
from customers.models import AuditEntry
from tests.admin import office
from tests.admin.test_buttons import press, said

SECRET = "a secret that is long enough for anybody"


def pem(key: Any) -> str:
    public = key.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def shop(db: None) -> Channel:
    return Channel.objects.create(key="web-shop", kind="web", title="Shop", config={"issuer": "https://x.example"})


def make(boss: Client, shop: Channel, kid: str, algorithm: str = "HS256", secret: str = SECRET, **more: str) -> bool:
    form = {"channel": shop.pk, "kid": kid, "algorithm": algorithm, "new_secret": secret, **more}
    boss.post(office.page(WidgetKey, "add"), form)
    return WidgetKey.objects.filter(channel=shop, kid=kid).exists()


@pytest.mark.scenario("ID-53")
def test_two_keys_may_be_live_at_once_and_a_third_only_when_one_has_ended(boss: Client, shop: Channel) -> None:
    assert make(boss, shop, "old") and make(boss, shop, "new")
    assert not make(boss, shop, "third")
    press(boss, "revoke", WidgetKey.objects.get(kid="old"))
    assert make(boss, shop, "third")


def test_only_a_web_widget_has_keys(boss: Client) -> None:
    phone = Channel.objects.create(key="wa", kind="whatsapp", title="Phone")
    form = {"channel": phone.pk, "kid": "k", "algorithm": "HS256", "new_secret": SECRET}
    assert "Only a web widget has keys" in boss.post(office.page(WidgetKey, "add"), form).content.decode()
    assert not WidgetKey.objects.exists()


@pytest.mark.scenario("ID-53", "T-18")
@pytest.mark.parametrize(
    ("algorithm", "secret", "is_taken"),
    [
        ("RS256", pem(rsa.generate_private_key(65537, 2048)), True),
        ("RS256", pem(rsa.generate_private_key(65537, 1024)), False),
        ("EdDSA", pem(ed25519.Ed25519PrivateKey.generate()), True),
        ("RS256", pem(ed25519.Ed25519PrivateKey.generate()), False),
        ("EdDSA", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", False),
        ("HS256", pem(rsa.generate_private_key(65537, 2048)), False),
    ],
)
def test_a_key_must_fit_its_algorithm(boss: Client, shop: Channel, algorithm: str, secret: str, is_taken: bool) -> None:
    assert make(boss, shop, "k", algorithm, secret) == is_taken


def test_a_key_that_would_end_before_it_begins_is_refused(boss: Client, shop: Channel) -> None:
    times = {"not_before_0": "2026-12-02", "not_before_1": "00:00", "not_after_0": "2026-12-01", "not_after_1": "00:00"}
    assert not make(boss, shop, "k", **times)


@pytest.mark.scenario("ID-54")
def test_a_key_is_revoked_by_a_button_and_that_is_in_the_audit(boss: Client, shop: Channel) -> None:
    key = WidgetKey.objects.create(channel=shop, kid="k", secret=SECRET, source="jwks")
    press(boss, "revoke", key)
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert AuditEntry.objects.filter(action="widget_key.revoked", object_id=str(key.public_id)).exists()


def test_a_list_is_read_by_a_button_once_a_minute(boss: Client, shop: Channel) -> None:
    row = KeySet.objects.create(channel=shop, url="", asked_at=clock.now())
    assert said(press(boss, "read_now", row)) == ["It was read less than a minute ago."]


@pytest.mark.scenario("T-18")
@pytest.mark.parametrize(
    ("url", "is_well"),
    [
        ("https://8.8.8.8/keys", True), ("http://8.8.8.8/keys", False), ("https://127.0.0.1/keys", False),
        ("https://169.254.169.254/keys", False), ("ftp://8.8.8.8/keys", False), ("nonsense", False), ("", True),
    ],
)  # fmt: skip
def test_the_address_of_a_list_is_public_and_encrypted(url: str, is_well: bool) -> None:
    assert (secret_hosts.trouble("jwks_url", {"jwks_url": url}) == "") == is_well


def test_a_widget_has_fields_for_its_list_and_for_shared_devices(shop: Channel) -> None:
    names = set(channel_form.form_of(shop).base_fields)
    assert {"setting_jwks_url", "setting_kiosk", "setting_idle_minutes"} <= names
