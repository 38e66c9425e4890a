"""Is every kind of WhatsApp message readable, and does what belongs to it stay with it?"""

from __future__ import annotations

import json

import pytest

from channels_app.registry import Edit, Inbound, Moved, Notice, Reaction, Removal
from conversations.content import Media, Text, Unsupported
from tests.channels_app import whatsapp
from tests.channels_app.adapting import BSUID, read

NEW_BSUID = "US.99999999999999999999"


def flow(response: str, body: str = "Sent"):
    reply = {"name": "flow", "body": body, "response_json": response}
    return read(whatsapp.message(type="interactive", interactive={"type": "nfm_reply", "nfm_reply": reply}))


def test_the_answers_of_a_form_are_lines_and_the_raw_reply_is_kept():
    raw = json.dumps({"delivery_rating": "4", "screen_0_Would_you_return_1": "0_Yes", "flow_token": "t", "all": ["a"]})
    found = flow(raw)
    assert found.text == "delivery rating: 4\nWould you return: Yes\nall: a"
    assert found.context["flow"] == {"name": "flow", "response_json": raw}


@pytest.mark.parametrize("raw", ["{", "[]", "7", "", '{"x": {}}'])
def test_a_form_whose_answers_cannot_be_read_says_what_the_provider_says(raw):
    assert flow(raw).content == Text("Sent")
    assert flow(raw, body="").content == Text("[form]")


def test_cards_are_names_and_numbers():
    cards = [
        {"name": {"formatted_name": "Bo Ek"}, "phones": [{"phone": "+46 70 1"}], "emails": [{"email": "bo@x.se"}]},
        {"name": {"first_name": "Ann", "last_name": "Ek"}, "phones": [{"wa_id": "46702"}]},
    ]
    found = read(whatsapp.message(type="contacts", contacts=cards))
    assert found.text == "Bo Ek, +46 70 1, bo@x.se\nAnn Ek, 46702"
    assert [handle[2] for handle in found.handles] == [whatsapp.MAYA]


@pytest.mark.scenario("ID-62")
@pytest.mark.parametrize("is_object", [False, True])
def test_only_a_card_that_answers_our_request_proves_the_senders_phone(is_object):
    card = {"name": {"formatted_name": "Kai"}, "phones": [{"phone": "+1 555", "wa_id": "15551112222"}]}
    asked = {"origin": "contact_request", "contacts": [card]} if is_object else [card | {"origin": "contact_request"}]
    found = read(whatsapp.message(type="contacts", contacts=asked) | {"from": BSUID}, user_id=BSUID)
    assert [handle[:3] for handle in found.handles] == [
        ("wa_bsuid", "portfolio-1", BSUID),
        ("phone", "portfolio-1", "15551112222"),
    ]
    forwarded = read(whatsapp.message(type="contacts", contacts=[card]) | {"from": BSUID}, user_id=BSUID)
    assert [handle[2] for handle in forwarded.handles] == [BSUID]


def test_a_recording_and_a_moving_sticker_keep_what_they_are():
    voice = read(whatsapp.message(type="audio", audio={"id": "7", "mime_type": "audio/ogg", "voice": True}))
    sticker = read(whatsapp.message(type="sticker", sticker={"id": "8", "mime_type": "image/webp", "animated": True}))
    assert isinstance(voice.content, Media) and voice.content.kind == "audio" and voice.context == {"voice": True}
    assert sticker.content.kind == "image" and sticker.context == {"animated": True}


def test_an_order_is_a_placeholder_with_its_items_and_note():
    order = {"catalog_id": "1", "text": "quick", "product_items": [{"product_retailer_id": "CHAIR", "quantity": 2}, 5]}
    found = read(whatsapp.message(type="order", order=order))
    assert found.content == Unsupported("order") and found.text == "quick"
    assert found.context["order"] == [{"product_retailer_id": "CHAIR", "quantity": 2}]


def test_a_type_that_whatsapp_does_not_pass_on_is_named_if_it_says_which():
    assert read(whatsapp.message(type="unsupported", unsupported={"type": "poll"})).content == Unsupported("poll")
    assert read(whatsapp.message(type="unsupported")).content == Unsupported("unsupported")


@pytest.mark.parametrize(("response", "words"), [("accept", "Calls allowed"), ("reject", "Calls not allowed")])
def test_an_answer_about_calls_reads_as_one(response, words):
    interactive = {"type": "call_permission_reply", "call_permission_reply": {"response": response}}
    assert read(whatsapp.message(type="interactive", interactive=interactive)).content == Text(words)


def test_a_code_of_a_link_is_cut_out_of_the_text():
    found = read(whatsapp.message("Please continue here. [#K7Q2M9]"))
    assert (found.text, found.code, found.content) == (
        "Please continue here.",
        "K7Q2M9",
        Text("Please continue here."),
    )
    assert read(whatsapp.message("see issue [#1] and [note]")).code == ""


def test_a_reply_names_what_it_answers_and_an_ad_where_it_came_from():
    referral = {"source_id": "77", "source_type": "ad", "ctwa_clid": "c", "welcome_message": {"text": "Hi"}, "x": [1]}
    found = read(whatsapp.message(context={"id": "wamid.before", "forwarded": True}, referral=referral))
    assert found.context == {"id": "wamid.before", "forwarded": True}
    assert found.referral == {"source_id": "77", "source_type": "ad", "ctwa_clid": "c", "welcome_message": "Hi"}


def test_a_reaction_names_its_message_and_an_empty_one_takes_it_away():
    found = read(whatsapp.message(type="reaction", reaction={"message_id": "wamid.1", "emoji": "👍"}))
    assert isinstance(found, Reaction) and (found.external_id, found.emoji) == ("wamid.1", "👍")
    assert read(whatsapp.message(type="reaction", reaction={"message_id": "wamid.1"})).emoji == ""


def test_an_edit_brings_what_the_message_reads_now_and_a_revoke_takes_it_back():
    inner = {"type": "text", "text": {"body": "better"}}
    edit = read(whatsapp.message(type="edit", edit={"original_message_id": "wamid.1", "message": inner}))
    revoke = read(whatsapp.message(type="revoke", revoke={"original_message_id": "wamid.1"}))
    assert isinstance(edit, Edit) and (edit.external_id, edit.content) == ("wamid.1", Text("better"))
    assert isinstance(revoke, Removal) and revoke.external_id == "wamid.1"


@pytest.mark.scenario("ID-49")
def test_a_changed_number_moves_the_phone_and_the_business_scoped_id():
    system = {"type": "user_changed_number", "wa_id": "4670999", "user_id": NEW_BSUID, "previous_user_id": BSUID}
    found = read(whatsapp.message(type="system", system=system))
    assert isinstance(found, Moved) and found.kind == "number_changed"
    assert [handle[2] for handle in found.before] == [whatsapp.MAYA, BSUID]
    assert [handle[2] for handle in found.now] == ["4670999", NEW_BSUID]


@pytest.mark.scenario("ID-50")
def test_the_same_change_again_reads_the_same_and_one_to_itself_moves_nothing():
    message = whatsapp.message(type="system", system={"type": "user_changed_number", "new_wa_id": "4670999"})
    assert read(message) == read(message)
    to_itself = whatsapp.message(type="system", system={"type": "user_changed_number", "wa_id": whatsapp.MAYA})
    assert isinstance(read(to_itself), Notice)


def test_a_changed_user_id_moves_only_the_id():
    system = {"type": "user_changed_user_id", "user_id": NEW_BSUID, "previous_user_id": BSUID}
    found = read(whatsapp.message(type="system", system=system))
    assert ([h[2] for h in found.before], [h[2] for h in found.now]) == ([BSUID], [NEW_BSUID])


def test_a_changed_identity_leads_nowhere_and_is_still_told():
    found = read(whatsapp.message(type="system", system={"type": "customer_identity_changed", "body": "x"}))
    assert isinstance(found, Moved) and (found.kind, found.now) == ("identity_changed", ())


@pytest.mark.scenario("ID-10")
def test_a_business_scoped_id_is_never_a_phone():
    found = read(whatsapp.message(sender="US.4155552671"))
    assert isinstance(found, Inbound) and [handle[0] for handle in found.handles] == ["wa_bsuid"]
