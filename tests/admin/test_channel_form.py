"""Does a channel's form follow its adapter, keep what it does not show, and let secrets in but never out?"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from channels_app import channel_labels, registry
from channels_app.models import Channel
from customers.models import AuditEntry
from tests.admin import office
from tests.channels_app import whatsapp

pytestmark = pytest.mark.django_db

EVIL = "https://8.8.8.8"
OTHER = f'{{"app": "demo", "base_url": "{EVIL}"}}'


@pytest.fixture
def channel() -> Channel:
    return whatsapp.channel(base_url="http://127.0.0.1:9", quiet=True)


def page(client: Client, channel: Channel) -> str:
    answer = client.get(office.page(Channel, "change", channel.pk))
    assert answer.status_code == 200
    return str(answer.content.decode())


def save(client: Client, channel: Channel, **changed: Any) -> Any:
    """Posts the form as it stands, but for what is changed."""
    form = client.get(office.page(Channel, "change", channel.pk)).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if isinstance(value, str)}
    data |= {"title": channel.title, "account": channel.account, "is_enabled": "on", **changed}
    answer = client.post(office.page(Channel, "change", channel.pk), data)
    channel.refresh_from_db()
    return answer


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_kind_shows_what_its_adapter_names(boss: Client, kind: str) -> None:
    channel = Channel.objects.create(key="c", kind=kind, title="C", account="1", config={"app": "word"})
    shown = page(boss, channel)
    adapter = registry.adapter(kind)
    assert all(f'name="setting_{name}"' in shown for name in adapter.settings)
    assert all(f'name="secret_{name}"' in shown for name in adapter.secrets)
    assert f"/webhooks/{kind}/word" in shown


@pytest.mark.scenario("T-67")
def test_no_secret_is_ever_in_the_page_not_even_after_a_mistake(boss: Client, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).get()
    channel.credentials = {"access_token": office.SECRET, "access_token_previous": f"{office.SECRET}-old"}
    channel.save(update_fields=["credentials"])
    assert office.CANARY not in page(boss, channel)
    answer = save(boss, channel, title="", secret_access_token=f"{office.CANARY}-new")
    assert answer.status_code == 200 and office.CANARY not in answer.content.decode()


def test_an_empty_secret_leaves_the_stored_one(boss: Client, channel: Channel) -> None:
    before = dict(channel.credentials)
    assert save(boss, channel, title="New title").status_code == 302
    assert (channel.title, channel.credentials) == ("New title", before)


def test_a_rotated_secret_keeps_the_one_before_until_it_is_dropped(boss: Client, channel: Channel) -> None:
    old = channel.credentials["app_secret"]
    save(boss, channel, secret_app_secret="new-secret")
    assert registry.account_of(channel).secrets("app_secret") == ["new-secret", old]
    assert "drop_app_secret" in page(boss, channel)
    save(boss, channel, drop_app_secret="on")
    assert registry.account_of(channel).secrets("app_secret") == ["new-secret"]


@pytest.mark.scenario("T-67")
def test_a_new_secret_is_in_the_audit_trail_by_its_name_only(boss: Client, channel: Channel) -> None:
    save(boss, channel, secret_access_token="very-secret")
    entry = AuditEntry.objects.get(action="channel.secret")
    assert (entry.object_id, entry.reason) == (str(channel.public_id), "access_token")


def test_settings_are_saved_and_others_are_kept(boss: Client, channel: Channel) -> None:
    save(boss, channel, setting_version="v30.0", setting_rate_per_second="12.5")
    assert channel.config["version"] == "v30.0" and channel.config["rate_per_second"] == 12.5
    assert channel.config["quiet"] is True and channel.config["app"] == "demo"


@pytest.mark.parametrize("given", [{"setting_pair_seconds": "soon"}, {"setting_hush_minutes": "-1"}])
def test_a_pace_that_is_no_number_is_refused(boss: Client, channel: Channel, given: dict[str, str]) -> None:
    before = dict(channel.config)
    assert save(boss, channel, **given).status_code == 200
    assert channel.config == before


@pytest.mark.parametrize("text", ["{", "[]", '"x"'])
def test_other_settings_of_another_shape_are_refused(boss: Client, channel: Channel, text: str) -> None:
    assert save(boss, channel, other_settings=text).status_code == 200
    assert channel.config["quiet"] is True


def test_a_new_channel_is_named_first_and_leads_to_its_settings(boss: Client) -> None:
    data = {"kind": "telegram", "key": "telegram-shop", "title": "Shop bot", "account": "42"}
    answer = boss.post(office.page(Channel, "add"), data)
    made = Channel.objects.get(key="telegram-shop")
    assert answer.headers["Location"] == office.page(Channel, "change", made.pk)


def test_after_the_first_step_it_says_what_comes_next(boss: Client) -> None:
    data = {"kind": "telegram", "key": "telegram-shop", "title": "Shop bot", "account": "42"}
    shown = boss.post(office.page(Channel, "add"), data, follow=True).content.decode()
    assert "Saved. Now fill in: Webhook word, Bot token, Webhook secret token." in shown
    assert "Webhook word (required)" in shown and "Bot token (required)" in shown


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_field_has_words_for_its_label(kind: str) -> None:
    adapter = registry.adapter(kind)
    words = [channel_labels.label(name) for name in (*adapter.settings, *adapter.secrets)]
    assert not {"App", "Esp", "Waba id", "Imap host"} & set(words) and len(set(words)) == len(words)


def test_a_setting_that_is_yes_or_no_is_a_switch_and_kept_only_if_it_was_turned(boss: Client) -> None:
    mail = Channel.objects.create(key="mail", kind="email", title="Mail", account="a@shop.example", config={})
    shown = page(boss, mail)
    assert 'name="setting_plus_address"' in shown and "Mailbox (IMAP)" in shown and "Mail server (SMTP)" in shown
    save(boss, mail, setting_plus_address="on", setting_answer_unproven="on")
    assert mail.config == {}
    save(boss, mail, setting_answer_unproven="on", setting_delimiter="on", setting_smtp_port="465")
    assert mail.config == {"plus_address": False, "delimiter": True, "smtp_port": 465}
    save(boss, mail, setting_answer_unproven="on", setting_plus_address="on", setting_delimiter="on")
    assert mail.config["plus_address"] is True


def test_the_kinds_of_files_are_a_list(boss: Client) -> None:
    web = Channel.objects.create(key="web", kind="web", title="Shop", config={})
    save(boss, web, setting_files="on", setting_file_kinds="image, audio")
    assert web.config == {"file_kinds": ["image", "audio"]}


def test_an_account_is_connected_once(boss: Client, channel: Channel) -> None:
    data = {"kind": "whatsapp", "key": "second", "title": "Second", "account": channel.account}
    assert boss.post(office.page(Channel, "add"), data).status_code == 200
    assert Channel.objects.count() == 1


def test_two_accounts_of_one_kind_live_side_by_side(boss: Client, channel: Channel) -> None:
    data = {"kind": "whatsapp", "key": "second", "title": "Second", "account": "another"}
    assert boss.post(office.page(Channel, "add"), data).status_code == 302
    assert Channel.objects.filter(kind="whatsapp").count() == 2


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize(("secret", "is_kept"), [("another", False), (whatsapp.SECRET, True)])
def test_two_apps_do_not_share_one_address(boss: Client, channel: Channel, secret: str, is_kept: bool) -> None:
    second = whatsapp.channel("whatsapp-second", account="222")
    second.credentials = {"access_token": "token"}
    second.save(update_fields=["credentials"])
    answer = save(boss, second, secret_app_secret=secret)
    assert (second.credentials.get("app_secret") == secret) is is_kept
    assert is_kept or "one app has one" in answer.content.decode()


@pytest.mark.scenario("T-33")
def test_the_secret_of_an_app_is_rotated_channel_by_channel(boss: Client, channel: Channel) -> None:
    second = whatsapp.channel("whatsapp-second", account="222")
    for one in (channel, second):
        save(boss, one, secret_app_secret="new")
        assert one.credentials["app_secret"] == "new"


@pytest.mark.scenario("T-67")
@pytest.mark.parametrize("way", [{"setting_base_url": EVIL}, {"setting_base_url": "", "other_settings": OTHER}])
def test_a_stored_secret_is_never_sent_to_another_host(boss: Client, channel: Channel, way: dict[str, str]) -> None:
    before = dict(channel.config)
    answer = save(boss, channel, **way)
    assert answer.status_code == 200 and "base_url says where this secret is sent" in answer.content.decode()
    assert channel.config == before


@pytest.mark.scenario("T-67")
def test_another_host_is_taken_with_the_secrets_and_noted(boss: Client, channel: Channel) -> None:
    given = {f"secret_{name}": f"new-{name}" for name in channel.credentials}
    assert save(boss, channel, setting_base_url=EVIL, **given).status_code == 302
    assert channel.config["base_url"] == EVIL
    assert AuditEntry.objects.get(action="channel.host").reason == "base_url"


@pytest.mark.scenario("T-67")
@pytest.mark.parametrize("place", ["http://169.254.169.254/", "http://127.0.0.1:8", "ftp://8.8.8.8", "nonsense"])
def test_a_host_inside_is_for_the_operator_to_allow(boss: Client, channel: Channel, place: str) -> None:
    given = {f"secret_{name}": f"new-{name}" for name in channel.credentials}
    assert save(boss, channel, setting_base_url=place, **given).status_code == 200
    assert channel.config["base_url"] == "http://127.0.0.1:9"


@pytest.mark.parametrize("name", ["rate_per_second", "pair_seconds", "silent_after_minutes", "hush_minutes"])
@pytest.mark.parametrize("number", ["nan", "NaN", "Infinity", "1e400", "1e308"])
def test_a_number_that_is_none_or_too_large_is_refused(boss: Client, channel: Channel, name: str, number: str) -> None:
    assert save(boss, channel, **{f"setting_{name}": number}).status_code == 200
    assert name not in channel.config


@pytest.mark.parametrize("text", ['{"x": NaN}', '{"x": 1e400}', '{"x": "\\u0000"}'])
def test_other_settings_that_the_database_does_not_take_are_refused(boss: Client, channel: Channel, text: str) -> None:
    assert save(boss, channel, other_settings=text).status_code == 200
    assert channel.config["quiet"] is True


def test_words_in_angle_brackets_are_shown_as_they_are(boss: Client) -> None:
    bot = Channel.objects.create(key="bot", kind="telegram", title="Bot", account="1")
    assert "t.me/&lt;name&gt;" in page(boss, bot)
