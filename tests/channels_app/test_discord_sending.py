"""Does the Discord adapter send what Discord takes, keep its limits, and know what each refusal means?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from channels_app.registry import DeliveryError, File, Signal
from conversations import capabilities
from conversations.content import Card, Choice, Content, Location, Media, Option, Text
from conversations.journeys import render
from tests.channels_app import discord_api, discords
from tests.channels_app.discord_api import Api, refusal, send
from tests.channels_app.discords import DISCORD, MAYA, PLACE

OPTIONS = tuple(Option(f"o{n}", f"Option {n}", f"run:1:o{n}") for n in range(1, 13))


@pytest.fixture
def api() -> Iterator[Api]:
    with discord_api.api() as found:
        yield found


def body(api: Api, content: Content, **more: Any) -> dict[str, Any]:
    send(api, content, **more)
    return dict(api.calls[-1][2])


# --- what is sent -----------------------------------------------------------------------------------------------------


def test_a_text_goes_to_where_the_person_wrote_last(api: Api) -> None:
    sent = send(api, Text("Hello"))
    assert sent.external_id == "1441052000000000009"
    assert api.calls == [
        (
            "POST",
            f"/channels/{PLACE}/messages",
            {"content": "Hello", "nonce": "ref-1", "enforce_nonce": True, "allowed_mentions": {"parse": []}},
        )
    ]
    assert api.headers[0]["user-agent"].startswith("DiscordBot (https://")
    assert api.headers[0]["authorization"] == f"Bot {discords.TOKEN}"


def test_without_a_thread_the_direct_messages_are_opened_once(api: Api) -> None:
    api.script = [{"id": "902"}]
    send(api, Text("one"), thread={})
    send(api, Text("two"), thread={})
    assert api.paths == ["/users/@me/channels", "/channels/902/messages", "/channels/902/messages"]
    assert api.calls[0][2] == {"recipient_id": MAYA}


def test_a_nonce_is_short_and_the_same_for_the_same_delivery(api: Api) -> None:
    ref = "01937f3e-8a53-7e0a-9b1c-1f0a2b3c4d5e"
    first, second = (body(api, Text("x"), ref=ref)["nonce"] for _ in range(2))
    assert first == second and len(first) == 25
    assert body(api, Text("x"), ref=ref[:-1] + "f")["nonce"] != first


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2*3*4 and snake_case", r"2\*3\*4 and snake\_case"),
        ("[a](https://evil.example/x_y)", r"\[a](https://evil.example/x_y)"),
        ("# no title\n> no quote", "\\# no title\n\\> no quote"),
        ("see https://shop.example/a_b_c now", "see https://shop.example/a_b_c now"),
        ("<@1> || `x` ~~y~~", r"\<@1> \|\| \`x\` \~\~y\~\~"),
        ("a - b, 1 > 0", "a - b, 1 > 0"),
    ],
)
def test_nothing_is_markup(api: Api, text: str, shown: str) -> None:
    assert body(api, Text(text))["content"] == shown


def test_a_text_whose_marks_would_burst_the_limit_goes_as_it_is(api: Api) -> None:
    assert body(api, Text("*" * 1500))["content"] == "*" * 1500


def test_few_options_are_buttons(api: Api) -> None:
    (row,) = body(api, Choice("Which?", OPTIONS[:3], "buttons"))["components"]
    assert [(one["label"], one["custom_id"]) for one in row["components"]] == [
        (option.label, option.payload) for option in OPTIONS[:3]
    ]


def test_more_options_are_a_select(api: Api) -> None:
    found = body(api, Choice("Which?", OPTIONS, "list", button="Choose"))
    (select,) = found["components"][0]["components"]
    assert select["type"] == 3 and len(select["options"]) == 12 and select["placeholder"] == "Choose"
    assert select["options"][0] == {"label": "Option 1", "value": "run:1:o1"}


@pytest.mark.parametrize(("count", "kind"), [(3, "buttons"), (4, "list"), (25, "list"), (26, "list")])
def test_the_renderer_knows_discords_limits(count: int, kind: str) -> None:
    options = tuple(Option(f"o{n}", "L" * 200, f"r:1:o{n}") for n in range(count))
    (*_, wire) = render.render(Choice("Which?", options), capabilities.of("discord")).messages
    assert isinstance(wire, Choice) and wire.kind == kind and len(wire.options) <= 25
    assert all(len(option.label) <= 100 and len(option.payload.encode()) <= 100 for option in wire.options)


def test_a_file_is_uploaded_with_its_words(api: Api) -> None:
    media = Media("image", caption="Look", filename="a.png", attachment="x")
    send(api, media, load=lambda: File(b"\x89PNG", "image/png", "b.png"))
    form = api.calls[0][2]
    assert b'name="files[0]"; filename="a.png"' in form and b"\x89PNG" in form and b'"content":"Look"' in form
    assert api.headers[0]["content-type"].startswith("multipart/form-data")


def test_a_file_that_is_too_large_goes_as_its_link(api: Api) -> None:
    media = Media("video", url="https://files.example/v_1.mp4", caption="Look", filename="v.mp4")
    found = body(api, media, load=lambda: File(b"x" * (10 * 1024 * 1024 + 1), "video/mp4", "v.mp4"))
    assert found["content"] == "Look\nhttps://files.example/v_1.mp4"


def test_a_file_without_bytes_and_link_is_rejected(api: Api) -> None:
    with pytest.raises(DeliveryError) as caught:
        send(api, Media("file"))
    assert caught.value.reason == "rejected" and not api.calls


def test_a_card_is_its_words_and_a_place_is_refused(api: Api) -> None:
    assert body(api, Card("Oak chair", "149 €", link="https://shop.example/oak"))["content"].startswith("Oak chair")
    with pytest.raises(DeliveryError):
        send(api, Location(1.0, 2.0))


def test_an_answer_in_a_server_names_whom_it_answers(api: Api) -> None:
    found = body(api, Text("x"), thread={"channel_id": "5", "guild_id": "7", "message_id": "44"})
    assert found["message_reference"] == {"message_id": "44", "fail_if_not_exists": False}
    assert "message_reference" not in body(api, Text("x"), reply_to="wamid.1")


def test_another_kind_of_address_is_unreachable(api: Api) -> None:
    with pytest.raises(DeliveryError) as caught:
        send(api, Text("x"), namespace="phone")
    assert caught.value.reason == "unreachable" and not api.calls


def test_typing_is_shown_where_the_person_is_and_reading_nowhere(api: Api) -> None:
    for kind in ("typing", "read"):
        DISCORD.signal(api.account, Signal(kind, "discord_user", MAYA, thread={"channel_id": PLACE}))  # type: ignore[arg-type]  # a loop over both words
    assert api.paths == [f"/channels/{PLACE}/typing"]


# --- what refusals mean -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((429, {"message": "slow down", "retry_after": 1.337, "global": False}), "rate_limited"),
        (refusal(429, 40003), "rate_limited"),
        (refusal(400, 40003), "rate_limited"),
        (refusal(500, 0), "provider_down"),
        ((502, b"<html>"), "provider_down"),
        (refusal(503, 130000), "provider_down"),
        (refusal(403, 50007), "unreachable"),
        (refusal(403, 50278), "unreachable"),
        (refusal(400, 50035), "rejected"),
        (refusal(404, 10008), "rejected"),
        (refusal(403, 50001), "rejected"),
        (refusal(403, 50013), "rejected"),
        (refusal(401, 0), "channel_down"),
        (refusal(401, 40001), "channel_down"),
        (refusal(403, 40333), "channel_down"),
        ("lost", "lost"),
        ({}, "lost"),
        ((400, b"["), "rejected"),
    ],
)
def test_each_refusal_has_its_outcome(api: Api, answer: Any, reason: str) -> None:
    api.script = [answer]
    with pytest.raises(DeliveryError) as caught:
        send(api, Text("x"))
    assert caught.value.reason == reason


def test_a_429_says_when_to_the_millisecond(api: Api) -> None:
    api.script = [(429, {"retry_after": 1.337}, {"Retry-After": 2})]
    with pytest.raises(DeliveryError) as caught:
        send(api, Text("x"))
    assert caught.value.retry_after == 1.337


def test_an_invalid_form_says_which_field_it_was(api: Api) -> None:
    errors = {"components": {"0": {"components": {"1": {"custom_id": {"_errors": [{"message": "too long"}]}}}}}}
    api.script = [refusal(400, 50035, errors=errors)]
    with pytest.raises(DeliveryError) as caught:
        send(api, Text("x"))
    assert "components.0.components.1.custom_id too long" in caught.value.provider_text


def test_a_channel_that_is_gone_is_opened_anew_once(api: Api) -> None:
    api.script = [refusal(404, 10003), {"id": "903"}, discord_api.SENT]
    assert send(api, Text("x")).external_id == "1441052000000000009"
    assert api.paths == [f"/channels/{PLACE}/messages", "/users/@me/channels", "/channels/903/messages"]


def test_a_channel_that_stays_unknown_is_unreachable(api: Api) -> None:
    api.script = [refusal(404, 10003), {"id": "903"}, refusal(404, 10003)]
    with pytest.raises(DeliveryError) as caught:
        send(api, Text("x"))
    assert caught.value.reason == "unreachable" and len(api.calls) == 3


# --- limits and bans --------------------------------------------------------------------------------------------------


def test_a_bucket_that_is_used_up_is_not_asked_again(api: Api) -> None:
    api.script = [(200, discord_api.SENT, {"X-RateLimit-Remaining": 0, "X-RateLimit-Reset-After": 4.5})]
    send(api, Text("one"))
    with pytest.raises(DeliveryError) as caught:
        send(api, Text("two"))
    assert caught.value.reason == "rate_limited" and 4 < (caught.value.retry_after or 0) <= 4.5
    assert len(api.calls) == 1
    send(api, Text("elsewhere"), thread={"channel_id": "999"})


def test_a_global_limit_holds_everything(api: Api) -> None:
    api.script = [(429, {"retry_after": 0.9, "global": True}, {"X-RateLimit-Global": "true"})]
    for place in (PLACE, "999"):
        with pytest.raises(DeliveryError) as caught:
            send(api, Text("x"), thread={"channel_id": place})
        assert caught.value.reason == "rate_limited"
    assert len(api.calls) == 1


def test_a_refused_token_is_not_shown_again(api: Api) -> None:
    api.script = [refusal(401, 0)]
    for _ in range(3):
        with pytest.raises(DeliveryError) as caught:
            send(api, Text("x"))
        assert caught.value.reason == "channel_down"
    assert len(api.calls) == 1


def test_before_discord_bans_our_address_we_stop_asking(api: Api) -> None:
    from channels_app.adapters.discord import circuit

    found = circuit.Circuit(now=lambda: 1000.0)
    found.refused.extend([900.0] * circuit.REFUSALS_MAX)
    with pytest.raises(DeliveryError) as caught:
        found.ask("any")
    assert caught.value.reason == "provider_down" and caught.value.retry_after == 500.0
    found.now = lambda: 1501.0
    found.ask("any")


def test_the_same_send_twice_shows_once_and_core_may_know() -> None:
    assert DISCORD.capabilities.collapses


# --- set-up -----------------------------------------------------------------------------------------------------------


def application(**members: Any) -> dict[str, Any]:
    key = discords.ACCOUNT.text("public_key")
    return {"id": discords.APPLICATION, "verify_key": key, "interactions_endpoint_url": "https://x"} | members


def gateway(remaining: int = 998) -> dict[str, Any]:
    return {"url": "wss://gateway", "session_start_limit": {"total": 1000, "remaining": remaining}}


def test_a_bot_that_is_set_up_is_well(api: Api) -> None:
    api.script = [{"id": "1", "username": "chairs"}, application(), gateway()]
    assert [finding.is_well for finding in DISCORD.check(api.account)] == [True, True, True]
    assert api.paths == ["/users/@me", "/applications/@me", "/gateway/bot"]


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ([refusal(401, 0)], "does not answer"),
        ([{}, application(id="2"), gateway()], "belongs to"),
        ([{}, application(verify_key="00"), gateway()], "public key"),
        ([{}, application(), gateway(12)], "only 12"),
        ([{}, application(), refusal(500, 0)], "gateway does not answer"),
    ],
)
def test_what_is_set_up_wrongly_is_said(api: Api, answers: list[Any], word: str) -> None:
    api.script = answers
    assert any(word in finding.text for finding in DISCORD.check(api.account) if not finding.is_well)


def test_a_link_opens_the_profile_and_says_what_to_write() -> None:
    link = DISCORD.link(discords.ACCOUNT, "ABCD2345")
    assert link is not None and link.say == "link ABCD2345"
    assert link.url == f"https://discord.com/users/{discords.APPLICATION}"
