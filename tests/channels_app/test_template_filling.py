"""Which places does a template have, and when is it filled? No database is asked."""

from __future__ import annotations

import json

import pytest

from channels_app import template_filling
from channels_app.sandbox.graph_templates import TEMPLATES, check_send
from channels_app.template_filling import NotFilled, NotUsable, fill, obstacle, preview, slots
from conversations.content import Template
from tests.channels_app.adapting import PAYLOADS

BY_NAME = {one["name"]: one for one in TEMPLATES}
PHOTO = {
    "header": "https://x.example/a.jpg", "body_first_name": "Maya", "body_place": "the door", "button_0": "4711",
}  # fmt: skip
COMPLEX = sorted(PAYLOADS.glob("whatsapp_templates/*.json"))


def filled(name: str, values: dict[str, str], **more) -> Template:
    one = BY_NAME[name]
    status = more.get("status", one["status"].lower())
    return fill(name=name, language="en", status=status, components=one["components"], values=values)


def test_places_are_named_in_the_order_in_which_they_are_read():
    found = slots(BY_NAME["delivery_photo"]["components"])
    assert [slot.key for slot in found] == list(PHOTO)
    assert [slot.label for slot in found][:3] == ["Link to the image", "First name", "Place"]
    assert found[1].example == "Maya"


def test_a_plain_template_keeps_its_parameters_in_order_and_reads_as_the_customer_sees_it():
    found = filled("order_update", {"body_1": " Maya\n Lindqvist ", "body_2": "4711"})
    assert found.parameters == ("Maya Lindqvist", "4711") and found.components == ()
    assert found.text == "Hello Maya Lindqvist, there is news about your order 4711.\nNordic Chairs"


def test_a_picture_names_and_links_are_components_that_the_provider_takes():
    found = filled("delivery_photo", PHOTO)
    assert [part["type"] for part in found.components] == ["header", "body", "button"]
    assert found.components[1]["parameters"][0] == {"type": "text", "parameter_name": "first_name", "text": "Maya"}
    sent = {"name": found.name, "language": {"code": "en"}, "components": list(found.components)}
    assert check_send(sent, TEMPLATES) is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"body_1": "Maya"}, "Missing: Text 2."),
        ({"body_1": "Maya", "body_2": "  "}, "Missing: Text 2."),
        ({"body_1": "Maya", "body_2": "1", "body_3": "x"}, "This template has no body_3."),
    ],
)
def test_too_few_and_too_many_values_are_refused(values, said):
    with pytest.raises(NotFilled) as caught:
        filled("order_update", values)
    assert caught.value.detail == said


def test_a_picture_is_a_link_that_is_safe():
    with pytest.raises(NotFilled) as caught:
        filled("delivery_photo", PHOTO | {"header": "http://x.example/a.jpg"})
    assert "https://" in caught.value.detail


@pytest.mark.parametrize("status", ["pending", "rejected", "paused", "disabled", ""])
def test_what_is_not_approved_cannot_be_sent(status):
    with pytest.raises(NotUsable):
        filled("continue_chat", {"body_1": "Maya"}, status=status)


def test_parts_that_nobody_can_fill_here_are_named():
    carousel = [{"type": "BODY", "text": "x"}, {"type": "CAROUSEL", "cards": []}]
    assert "carousel" in obstacle("approved", carousel)
    assert "location" in obstacle("approved", [{"type": "HEADER", "format": "LOCATION"}])
    assert "otp" in obstacle("approved", [{"type": "BUTTONS", "buttons": [{"type": "OTP"}]}])


def test_the_preview_shows_words_places_and_buttons():
    found = preview(BY_NAME["continue_chat"]["components"])
    assert [part for part, _ in found] == ["body", "button"]
    assert [(piece.text, piece.slot) for piece in found[0][1]][:2] == [("Hello ", ""), ("{{1}}", "body_1")]


@pytest.mark.parametrize("odd", [[{}], [{"type": None}], [{"type": "BODY", "text": 5}], [{"type": "BUTTONS"}]])
def test_odd_components_are_no_defect(odd):
    assert (
        isinstance(slots(odd), list) and isinstance(preview(odd), list) and isinstance(obstacle("approved", odd), str)
    )


@pytest.mark.skipif(not COMPLEX, reason="the payload corpus is not here (PAYLOADS_DIR)")
@pytest.mark.parametrize("path", COMPLEX, ids=lambda path: path.stem)
def test_a_template_of_the_corpus_can_be_filled_or_says_why_not(path):
    one = json.loads(path.read_text())
    values = {slot.key: "https://x.example/1" for slot in template_filling.slots(one["components"])}
    try:
        found = fill(name="x", language="en", status="approved", components=one["components"], values=values)
        assert found.text
    except NotUsable as refusal:
        assert refusal.detail
