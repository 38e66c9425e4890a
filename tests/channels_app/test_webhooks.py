"""Is a webhook answered 200 only when it is authentic and committed?"""

from __future__ import annotations

import asyncio
import json

import pytest

from channels_app import inbox_store
from channels_app.models import InboundEvent, InboundKey
from tests.channels_app import doors, whatsapp

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def channel():
    return whatsapp.channel()


def post(body: bytes, **more):
    return doors.run(lambda: doors.post(body, **more))


def call(body=b"", **more):
    return doors.run(lambda: doors.call(body, **more))


@pytest.mark.scenario("T-P1")
def test_an_acknowledged_message_is_in_the_inbox(channel):
    status, _, _ = post(whatsapp.body(whatsapp.value(whatsapp.message("hello", wamid="wamid.A"))))
    assert status == 200
    event = InboundEvent.objects.get()
    assert (event.key, event.kind, event.state, event.channel_id) == ("wamid.A", "message", "pending", channel.pk)
    assert json.loads(event.body)["messages"][0]["text"]["body"] == "hello"


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize("header", ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "é"])
def test_a_wrong_signature_is_refused_and_stores_nothing(channel, header):
    raw = whatsapp.body(whatsapp.value(whatsapp.message()))
    assert call(raw, headers={"X-Hub-Signature-256": header})[0] == 401
    assert call(raw)[0] == 401
    assert not InboundEvent.objects.exists()


@pytest.mark.scenario("T-33")
def test_another_apps_secret_does_not_fit(channel):
    whatsapp.channel("whatsapp-other", app="other", account="999")
    channel.credentials = {**channel.credentials, "app_secret": "another"}
    channel.save(update_fields=["credentials"])
    raw = whatsapp.body(whatsapp.value(whatsapp.message()))
    assert post(raw)[0] == 401
    assert post(raw, path="/webhooks/whatsapp/other")[0] == 200


@pytest.mark.scenario("T-33")
def test_what_one_account_signed_does_not_speak_for_another_of_the_same_address(channel):
    other = whatsapp.channel("whatsapp-second", account="222")
    other.credentials = {**other.credentials, "app_secret": "another"}
    other.save(update_fields=["credentials"])
    raw = whatsapp.body(whatsapp.value(whatsapp.message(), account="222"))
    assert post(raw)[0] == 401 and not InboundEvent.objects.exists()
    assert post(raw, secret="another")[0] == 200
    assert InboundEvent.objects.get().channel_id == other.pk


@pytest.mark.scenario("T-33")
def test_an_app_whose_secret_is_rotated_speaks_for_all_its_accounts(channel):
    second = whatsapp.channel("whatsapp-second", account="222")
    channel.credentials = {**channel.credentials, "app_secret": "new", "app_secret_previous": whatsapp.SECRET}
    channel.save(update_fields=["credentials"])
    assert post(whatsapp.body(whatsapp.value(whatsapp.message(), account="222")), secret="new")[0] == 200
    assert InboundEvent.objects.get().channel_id == second.pk


@pytest.mark.scenario("T-33")
def test_a_reserialised_body_does_not_fit(channel):
    raw = whatsapp.body(whatsapp.value(whatsapp.message("Grüße \U0001f600")))
    assert b"\\u00fc" in raw
    other = json.dumps(json.loads(raw), ensure_ascii=False).encode()
    assert call(other, headers={"X-Hub-Signature-256": whatsapp.signature(raw)})[0] == 401
    assert post(raw)[0] == 200


@pytest.mark.scenario("T-33")
def test_a_replay_is_acknowledged_and_has_no_effect(channel):
    raw = whatsapp.body(whatsapp.value(whatsapp.message()))
    assert [post(raw)[0], post(raw)[0]] == [200, 200]
    assert InboundEvent.objects.count() == InboundKey.objects.count() == 1


@pytest.mark.scenario("T-P2")
def test_one_event_twenty_times_at_once_is_one_row(channel):
    raw = whatsapp.body(whatsapp.value(whatsapp.message()))

    async def storm():
        return await asyncio.gather(*(doors.post(raw) for _ in range(20)))

    assert {status for status, _, _ in doors.run(storm)} == {200}
    assert InboundEvent.objects.count() == 1


def test_every_message_and_status_of_a_batch_is_stored(channel):
    first = whatsapp.value(whatsapp.message(), whatsapp.message("two"), statuses=(whatsapp.status("wamid.X"),))
    second = whatsapp.value(whatsapp.message("three", sender="4917012345"))
    assert post(whatsapp.body(first, second))[0] == 200
    kinds = sorted(InboundEvent.objects.values_list("kind", flat=True))
    assert kinds == ["message", "message", "message", "status"]


def test_several_numbers_of_one_app_are_told_apart(channel):
    second = whatsapp.channel("whatsapp-second", account="222")
    post(whatsapp.body(whatsapp.value(whatsapp.message()), whatsapp.value(whatsapp.message(), account="222")))
    assert set(InboundEvent.objects.values_list("channel_id", flat=True)) == {channel.pk, second.pk}


def test_a_number_nobody_connected_is_kept_as_other(channel):
    assert post(whatsapp.body(whatsapp.value(whatsapp.message(), account="unknown")))[0] == 200
    event = InboundEvent.objects.get()
    assert (event.kind, event.channel_id) == ("other", channel.pk)


@pytest.mark.parametrize(
    "raw", [b"[]", b'"x"', b"null", b"1" * 5000, b"{}", b'{"entry": 7}', b'{"entry": [{"changes": [{}]}]}']
)
def test_an_unknown_shape_is_kept_and_acknowledged(channel, raw):
    assert post(raw)[0] == 200
    assert InboundEvent.objects.get().kind == "other"


@pytest.mark.scenario("T-13")
@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 200_000])
def test_what_is_no_json_is_400(channel, raw):
    assert post(raw)[0] == 400
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize("text", ["\x00", "\ud800", "a\x00b\udfffc", "\u202e<script>"])
def test_text_that_cannot_be_stored_is_mended(channel, text):
    wamid = f"wamid.{text}"
    assert post(whatsapp.body(whatsapp.value(whatsapp.message(text, wamid=wamid, sender=text))))[0] == 200
    assert InboundEvent.objects.count() == 1


def test_too_large_is_413_by_its_length_and_while_reading(channel):
    assert call(b"", headers={"Content-Length": str(3 * 1024 * 1024 + 1)})[0] == 413
    assert call([b"x" * 1024 * 1024] * 4)[0] == 413
    assert call(b"", headers={"Content-Length": "-1"})[0] == 413


@pytest.mark.scenario("T-P14")
def test_more_than_may_wait_is_answered_with_come_again(channel):
    raws = [
        whatsapp.body(whatsapp.value(*(whatsapp.message("x", wamid=f"wamid.{n}.{m}") for m in range(3000))))
        for n in range(2)
    ]

    async def flood():
        held = await inbox_store.connect()
        async with held, held.transaction():
            await held.execute("LOCK TABLE channels_app_inboundevent IN SHARE ROW EXCLUSIVE MODE")
            sent = [asyncio.ensure_future(doors.post(raw)) for raw in raws]
            await asyncio.wait(sent, return_when=asyncio.FIRST_COMPLETED)  # the one that is sent away
        return await asyncio.gather(*sent)

    answers = doors.run(flood)
    assert sorted(status for status, _, _ in answers) == [200, 503]
    assert next(headers for status, _, headers in answers if status == 503)[b"retry-after"]
    assert InboundEvent.objects.count() == 3000


def test_an_unknown_app_or_kind_is_404(channel):
    for path in ("/webhooks/whatsapp/nobody", "/webhooks/pigeon/demo", "/webhooks/whatsapp", "/webhooks/a/b/c"):
        assert post(b"{}", path=path)[0] == 404


def test_other_methods_are_405(channel):
    assert call(b"", method="PUT")[0] == 405


def test_the_handshake_echoes_the_challenge_for_our_token_only(channel):
    query = "hub.mode=subscribe&hub.challenge=42&hub.verify_token="
    assert call(method="GET", query=query + whatsapp.TOKEN)[:2] == (200, b"42")
    assert call(method="GET", query=query + "wrong")[0] == 403
    assert call(method="GET", query="hub.challenge=42")[0] == 403


def test_a_disabled_channel_has_no_door(channel):
    channel.is_enabled = False
    channel.save(update_fields=["is_enabled"])
    assert post(b"{}")[0] == 404


def test_nothing_personal_is_readable_in_the_row(channel):
    post(whatsapp.body(whatsapp.value(whatsapp.message("my secret wish"))))
    row = str(InboundEvent.objects.values("body", "handle", "key", "error").get())
    assert "wish" not in row and whatsapp.MAYA not in row
