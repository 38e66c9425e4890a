"""Does the Discord adapter let in only what Discord signed, and read whatever it sends?"""

from __future__ import annotations

import json

import pytest

from channels_app.registry import BadSignature, Malformed, Request
from tests.channels_app import discords
from tests.channels_app.discords import (
    ACCOUNT,
    APPLICATION,
    AUTHOR,
    DISCORD,
    GUILD,
    HANDLE,
    OTHER,
    PLACE,
    call,
    interaction,
    read,
)

# --- the endpoint -----------------------------------------------------------------------------------------------------


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize(
    "request_",
    [
        call(interaction(), x_signature_ed25519=b""),
        call(interaction(), x_signature_ed25519=b"not hexadecimal"),
        call(interaction(), x_signature_ed25519=b"ab" * 64),
        call(interaction(), x_signature_ed25519=b"ab" * 10),
        call(interaction(), x_signature_timestamp=b""),
        call(interaction(), x_signature_timestamp=b"1700000000"),
        call(interaction(), x_signature_timestamp="٣".encode()),
        call(interaction(), age=301),
        call(interaction(), age=-86_400),
        call(interaction(), key=discords.OTHER_KEY),
    ],
)
def test_what_discord_did_not_sign_just_now_is_refused(request_: Request) -> None:
    with pytest.raises(BadSignature):
        DISCORD.verify(request_, [ACCOUNT])


@pytest.mark.scenario("T-33")
def test_a_body_that_was_written_anew_is_refused() -> None:
    signed = call(interaction())
    anew = json.dumps(json.loads(signed.body), indent=1).encode()
    with pytest.raises(BadSignature):
        DISCORD.verify(Request(anew, signed.headers), [ACCOUNT])


@pytest.mark.scenario("T-33")
def test_unicode_escapes_are_verified_as_they_came() -> None:
    raw = json.dumps(interaction(data={"custom_id": "größe"})).encode()
    (event,) = DISCORD.verify(call(raw), [ACCOUNT]).events
    assert DISCORD.parse(event.raw, ACCOUNT)[0].payload == "größe"


@pytest.mark.scenario("T-33")
def test_one_application_cannot_speak_for_another_at_the_same_url() -> None:
    forged = call(interaction(), key=discords.OTHER_KEY)
    with pytest.raises(BadSignature):
        DISCORD.verify(forged, [ACCOUNT, OTHER])


def test_of_two_applications_at_one_url_each_is_itself() -> None:
    own = call(interaction(application_id="2"), key=discords.OTHER_KEY)
    (event,) = DISCORD.verify(own, [ACCOUNT, OTHER]).events
    assert event.account == "2"


@pytest.mark.parametrize("public_key", ["", "zz", "00"])
def test_an_account_without_a_key_lets_nobody_in(public_key: str) -> None:
    keyless = discords.replace(ACCOUNT, config={"app": "demo", "public_key": public_key})
    with pytest.raises(BadSignature):
        DISCORD.verify(call(interaction()), [keyless])


def test_a_ping_is_answered_and_not_stored() -> None:
    envelope = DISCORD.verify(call({"id": "1", "application_id": APPLICATION, "type": 1, "token": "t"}), [ACCOUNT])
    assert envelope.events == () and json.loads(envelope.reply.body) == {"type": 1}
    assert envelope.reply.content_type == "application/json"


def test_what_is_signed_and_no_json_is_malformed() -> None:
    with pytest.raises(Malformed):
        DISCORD.verify(call(b"{"), [ACCOUNT])


@pytest.mark.parametrize(("kind", "answer"), [(3, 6), (2, 4), (4, 8), (5, 6)])
def test_every_interaction_gets_the_answer_of_its_kind(kind: int, answer: int) -> None:
    envelope = DISCORD.verify(call(interaction(kind)), [ACCOUNT])
    assert json.loads(envelope.reply.body)["type"] == answer


def test_the_link_command_is_answered_for_nobody_else_to_see() -> None:
    data = {"name": "link", "options": [{"name": "code", "type": 3, "value": "ABCD-2345"}]}
    envelope = DISCORD.verify(call(interaction(2, data)), [ACCOUNT])
    told = json.loads(envelope.reply.body)
    assert told["type"] == 4 and told["data"]["flags"] == 64 and "direct message" in told["data"]["content"]
    empty = DISCORD.verify(call(interaction(2, {"name": "link"})), [ACCOUNT])
    assert "/link CODE" in empty.reply.body


# --- taps and commands ------------------------------------------------------------------------------------------------


def test_a_tap_says_what_stood_on_the_button() -> None:
    parsed = read(interaction())
    assert (parsed.text, parsed.payload, parsed.handles) == ("Mesh", "r:1:a", (HANDLE,))
    assert (parsed.external_id, parsed.context["id"], parsed.thread) == (
        "1441052000000000001",
        "55",
        {"channel_id": PLACE},
    )


def test_a_choice_from_a_list_is_its_value() -> None:
    parsed = read(interaction(data={"custom_id": "s", "component_type": 3, "values": ["r:2:b"]}))
    assert (parsed.text, parsed.payload) == ("Red oak", "r:2:b")


def test_a_tap_in_a_server_is_public_and_by_the_member() -> None:
    parsed = read(interaction(user=None, member={"user": AUTHOR}, guild_id=GUILD, context=0))
    assert parsed.is_public and parsed.handles == (HANDLE,) and parsed.thread["guild_id"] == GUILD


def test_the_link_command_brings_its_code_and_no_words_of_it() -> None:
    data = {"name": "link", "options": [{"name": "code", "type": 3, "value": "ABCD2345"}]}
    parsed = read(interaction(2, data))
    assert (parsed.code, parsed.text) == ("ABCD2345", "/link")


def test_a_command_in_a_server_is_answered_in_direct_messages() -> None:
    data = {"name": "help", "options": [{"name": "about", "type": 3, "value": "chairs"}]}
    parsed = read(interaction(2, data, guild_id=GUILD, context=0))
    assert (parsed.text, parsed.is_public, parsed.thread) == ("/help chairs", False, {})


def test_a_form_is_what_was_written_in_it() -> None:
    field = {"type": 1, "components": [{"type": 4, "custom_id": "x", "value": "too long"}]}
    parsed = read(interaction(5, {"custom_id": "form", "components": [field]}))
    assert (parsed.text, parsed.payload) == ("too long", "form")


def test_autocomplete_is_no_message() -> None:
    envelope = DISCORD.split(Request(json.dumps(interaction(4)).encode()))
    assert [event.kind for event in envelope.events] == ["other"]


def test_an_interaction_that_names_no_application_is_its_signers() -> None:
    bare = {name: value for name, value in interaction().items() if name != "application_id"}
    (event,) = DISCORD.verify(call(bare), [ACCOUNT, OTHER]).events
    assert event.account == APPLICATION
