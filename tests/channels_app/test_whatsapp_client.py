"""Is the pretended Graph honest? A client that others wrote talks to it, and reads what it posts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pywa import WhatsApp, types
from pywa.errors import WhatsAppError
from pywa.types import templates

from channels_app import templates as kept
from channels_app.sandbox import kit
from channels_app.sandbox.emulators import Upload
from channels_app.sandbox.whatsapp_emulator import WABA_ID
from channels_app.template_models import MessageTemplate
from tests.channels_app import pretended
from tests.channels_app.stage import Stage, stage

pytestmark = pytest.mark.django_db(transaction=True)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
def phone(live_server: Any) -> Iterator[Stage]:
    with stage("whatsapp", live_server.url) as running:
        yield running


@pytest.fixture
def client(phone: Stage) -> Iterator[WhatsApp]:
    """pywa, with the demo's token; its base URL is not meant to be changed."""
    with httpx.Client(trust_env=False) as session:
        token = phone.channel.credentials["access_token"]
        made = WhatsApp(phone.channel.account, token, session=session, waba_id=WABA_ID)
        session.base_url = f"{phone.channel.config['base_url']}/v25.0"
        yield made


def shown(phone: Stage) -> dict[str, Any]:
    return kit.bubble(phone.phone[-1]).id and dict(phone.phone[-1].body)


def test_it_writes_words_buttons_and_places(phone: Stage, client: WhatsApp) -> None:
    phone.does(text="hi")
    sent = client.send_message(phone.address, "Which?", buttons=[types.Button("Yes", "y"), types.Button("No", "n")])
    assert sent.id == phone.phone[-1].external_id
    phone.does("tap", message=sent.id, option="y", title="Yes")
    assert phone.heard[-1].content["text"] == "Yes"
    client.send_location(phone.address, 59.3, 18.1, name="Shop")
    assert shown(phone)["location"]["name"] == "Shop"


def test_it_uploads_a_picture_and_downloads_a_customers(phone: Stage, client: WhatsApp, tmp_path: Any) -> None:
    row = phone.does("file", "look", file=Upload(PNG, "image/png", "a.png"))
    client.send_image(phone.address, PNG, caption="see", mime_type="image/png")
    assert shown(phone)["image"]["id"].isdigit()
    found = client.get_media_url(row.body["image"]["id"])
    assert (found.mime_type, found.file_size) == ("image/png", len(PNG))
    path = client.download_media(url=found.url, path=tmp_path, filename="b.png")
    assert path.read_bytes() == PNG
    assert httpx.get(found.url, trust_env=False).status_code == 401


def test_it_learns_that_a_file_is_gone(phone: Stage, client: WhatsApp) -> None:
    with pytest.raises(WhatsAppError) as caught:
        client.get_media_url("4711")
    assert (caught.value.code, caught.value.subcode) == (100, 33)


def test_it_reacts_and_reads(phone: Stage, client: WhatsApp) -> None:
    row = phone.does(text="hi")
    client.send_reaction(phone.address, "👍", row.external_id)
    assert client.mark_message_as_read(row.external_id)
    row.refresh_from_db()
    assert (row.body["our_reaction"], row.state) == ("👍", "read")


def test_it_is_refused_outside_of_the_window_and_beyond_the_limits(phone: Stage, client: WhatsApp) -> None:
    with pytest.raises(WhatsAppError) as caught:
        client.send_message(phone.address, "hello")
    assert caught.value.code == 131047
    phone.does(text="hi")
    with pytest.raises(WhatsAppError) as caught:
        client.send_message(phone.address, "x" * 4097)
    assert caught.value.code == 100


def test_it_reads_every_page_of_templates_and_makes_one_that_is_reviewed(phone: Stage, client: WhatsApp) -> None:
    first = client.get_templates(pagination=types.Pagination(limit=4))
    last = client.get_templates(pagination=types.Pagination(limit=4, after="4"))
    assert [one.name for one in first] == ["service_update", "order_update", "continue_chat", "delivery_photo"]
    assert first.has_next
    assert [one.name for one in last] == ["spring_sale", "login_code"] and not last.has_next
    kept.sync(phone.channel)
    body = templates.BodyText("Hello {{1}}!", "Maya")
    new = templates.Template(
        name="greeting",
        language=templates.TemplateLanguage.ENGLISH,
        category=templates.TemplateCategory.UTILITY,
        components=[body],
    )
    made = client.create_template(new)
    assert made.status == templates.TemplateStatus.PENDING
    kept.sync(phone.channel)
    assert MessageTemplate.objects.get(name="greeting").status == "pending"


@pytest.mark.parametrize(
    ("act", "more", "reader", "shown_as"),
    [
        ("text", {"text": "hi"}, types.Message, ("text", "hi")),
        ("file", {"file": Upload(PNG, "image/png", "a.png")}, types.Message, ("image.mime_type", "image/png")),
        ("location", {"latitude": 1.5, "longitude": 2.5}, types.Message, ("location.latitude", 1.5)),
        ("action", {"option": "order"}, types.Message, ("order.products", ["ROCKING-CHAIR"])),
        ("action", {"option": "ad"}, types.Message, ("referral.source_id", "120208547390260")),
        ("action", {"option": "form"}, types.FlowCompletion, ("body", "Sent")),
    ],
)
def test_it_reads_what_the_pretended_whatsapp_posts(phone, client, act, more, reader, shown_as):
    pretended.write(phone.channel, act, who="noor", **more)
    _, letter = phone.post.waiting.pop(0)
    body = json.loads(letter.body)
    body["entry"][0]["changes"][0]["value"]["contacts"][0].setdefault("parent_user_id", None)  # it knows nobody without
    found: Any = reader.from_update(client, body)
    path, expected = shown_as
    for name in path.split("."):
        found = getattr(found, name)
    assert ([one.sku for one in found] if isinstance(expected, list) else found) == expected
