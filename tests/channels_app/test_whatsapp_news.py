"""Are the other fields of WhatsApp's webhooks split, placed and read?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels_app.registry import Account, Echo, Notice, Preference, Receipt, Request, TemplateNews
from conversations.content import Text
from tests.channels_app import whatsapp
from tests.channels_app.adapting import ACCOUNT, BSUID, WHATSAPP, split

WABA = "102290129340398"
TOM = "491713920012"


def posted(field: str, value: dict[str, Any], *, accounts: tuple[Account, ...] = (ACCOUNT,)):
    """(events, what they say) of a signed webhook with one change."""
    entry = {"id": WABA, "time": 1751247548, "changes": [{"field": field, "value": value}]}
    raw = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    request = Request(raw, {b"x-hub-signature-256": whatsapp.signature(raw).encode()})
    events = WHATSAPP.verify(request, accounts).events
    return events, [item for event in events for item in WHATSAPP.parse(event.raw, ACCOUNT)]


def metadata() -> dict[str, Any]:
    return {"metadata": {"phone_number_id": whatsapp.NUMBER}}


def test_each_message_typed_in_the_phone_app_is_an_echo_to_its_customer():
    echoes = [
        {"id": f"wamid.{to}", "from": "15550001111", "to": to, "type": "text", "text": {"body": "on our way"}}
        for to in (whatsapp.MAYA, TOM)
    ]
    events, found = posted("smb_message_echoes", {**metadata(), "message_echoes": echoes})
    assert [event.handle for event in events] == [whatsapp.MAYA, TOM] and {event.kind for event in events} == {
        "message"
    }
    assert [(type(one), one.handles[0][2], one.content) for one in found] == [
        (Echo, whatsapp.MAYA, Text("on our way")),
        (Echo, TOM, Text("on our way")),
    ]


def test_an_echo_takes_no_handle_from_somebody_elses_contact():
    echo = {"id": "wamid.e", "to": TOM, "type": "text", "text": {"body": "x"}}
    contacts = [{"wa_id": whatsapp.MAYA, "user_id": BSUID}]
    _, (found,) = posted("smb_message_echoes", {**metadata(), "contacts": contacts, "message_echoes": [echo]})
    assert [handle[2] for handle in found.handles] == [TOM]


@pytest.mark.parametrize(("value", "state"), [("stop", "out"), ("resume", "in"), ("signup", "in")])
def test_a_marketing_preference_is_consent_with_its_evidence(value, state):
    one = {"wa_id": TOM, "category": "marketing_messages", "value": value, "detail": "said so", "timestamp": 1731705721}
    _, (found,) = posted("user_preferences", {**metadata(), "user_preferences": [one]})
    assert isinstance(found, Preference) and (found.purpose, found.state) == ("marketing", state)
    assert found.handles[0][2] == TOM and found.evidence["detail"] == "said so"


def test_a_preference_of_another_category_changes_no_consent():
    one = {"wa_id": TOM, "category": "weather", "value": "stop"}
    _, (found,) = posted("user_preferences", {**metadata(), "user_preferences": [one]})
    assert isinstance(found, Notice)


@pytest.mark.parametrize(
    ("field", "more", "status"),
    [
        ("message_template_status_update", {"event": "APPROVED", "reason": "NONE"}, "APPROVED"),
        ("message_template_quality_update", {"new_quality_score": "YELLOW"}, "quality_yellow"),
        ("template_category_update", {"new_category": "MARKETING"}, "changed"),
    ],
)
def test_news_about_a_template_names_it(field, more, status):
    named = {"message_template_name": "hello", "message_template_language": "en"}
    _, (found,) = posted(field, named | more)
    assert isinstance(found, TemplateNews)
    assert (found.name, found.language, found.status, found.reason) == ("hello", "en", status, "")


def test_the_reason_of_a_rejection_is_the_long_one():
    value = {"message_template_name": "x", "message_template_language": "en", "event": "REJECTED", "reason": "BAD"}
    _, (found,) = posted("message_template_status_update", value | {"rejection_info": {"reason": "Two in a row."}})
    assert found.reason == "Two in a row."


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("account_update", {"event": "ACCOUNT_RESTRICTION"}, "account_restriction"),
        ("account_update", {"event": "PARTNER_ADDED"}, "account_partner_added"),
        ("account_update", {}, "account_update"),
        ("phone_number_quality_update", {"event": "DOWNGRADE"}, "number_downgrade"),
        ("account_review_update", {"decision": "APPROVED"}, "account_review_approved"),
        ("calls", {"calls": [{"id": "c"}]}, "call"),
        ("user_id_update", {"strange": 1}, "user_id_update"),
        ("message_template_status_update", {}, "message_template_status_update"),
    ],
)
def test_news_about_the_account_are_a_notice_that_says_what_happened(field, value, kind):
    _, (found,) = posted(field, value)
    assert isinstance(found, Notice) and found.kind == kind


def test_a_user_id_update_moves_the_id_whatever_holds_it():
    one = {"user_id": "US.2", "previous_user_id": "US.1"}
    for value in (one, {"user_id_update": one}, {"updates": [one]}):
        _, (found,) = posted("user_id_update", value)
        assert (found.before[0][2], found.now[0][2]) == ("US.1", "US.2")


def test_a_field_that_nobody_knows_is_kept_as_unsupported():
    events, (found,) = posted("weather", {"temperature": 3})
    assert events[0].kind == "other" and found.kind == "unsupported"


def test_news_about_a_business_account_go_to_a_number_that_it_owns():
    owner = Account("second", "222", {"waba_id": WABA}, ACCOUNT.credentials)
    events, _ = posted("account_update", {"event": "X"}, accounts=(ACCOUNT, owner))
    assert [event.account for event in events] == ["222"]
    events, _ = posted("account_update", {"event": "X"})
    assert [event.account for event in events] == [WABA]


def test_the_members_of_a_group_have_ticks_of_their_own():
    group = {"recipient_type": "group", "recipient_id": "group-1"}
    statuses = tuple(
        whatsapp.status("w", "read", at=1700000000, recipient_participant_id=member, **group)
        for member in (whatsapp.MAYA, TOM)
    )
    events = split(whatsapp.value(statuses=statuses))
    receipts = [WHATSAPP.parse(event.raw, ACCOUNT)[0] for event in events]
    assert len({event.key for event in events}) == 2
    assert [one.handles[0][2] for one in receipts] == [whatsapp.MAYA, TOM]


def test_a_played_recording_is_a_receipt_and_a_deleted_message_is_not():
    def parsed(word):
        (event,) = split(whatsapp.value(statuses=(whatsapp.status("w", word),)))
        return WHATSAPP.parse(event.raw, ACCOUNT)[0]

    assert isinstance(parsed("played"), Receipt) and parsed("played").status == "played"
    assert isinstance(parsed("deleted"), Notice)


def test_a_receipt_tells_the_recipients_further_ids():
    value = whatsapp.value(statuses=(whatsapp.status("w", recipient_user_id=BSUID),))
    (event,) = split(value)
    assert [handle[0] for handle in WHATSAPP.parse(event.raw, ACCOUNT)[0].handles] == ["phone", "wa_bsuid"]


def test_a_batch_over_several_numbers_names_the_number_of_each_event():
    first = whatsapp.value(whatsapp.message("a"), statuses=(whatsapp.status("w"),))
    second = whatsapp.value(whatsapp.message("b"), whatsapp.message("c", sender=TOM), account="222")
    found = [(event.account, event.kind, event.handle) for event in split(first, second)]
    assert found == [
        (whatsapp.NUMBER, "message", whatsapp.MAYA),
        (whatsapp.NUMBER, "status", whatsapp.MAYA),
        ("222", "message", whatsapp.MAYA),
        ("222", "message", TOM),
    ]
