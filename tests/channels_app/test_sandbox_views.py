"""Does the sandbox page pretend well: who may open it, what a person's words become, what a send meets?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from channels_app.models import Channel
from channels_app.sandbox import callbacks, postman
from channels_app.sandbox.models import SandboxContact, SandboxControls, SandboxExchange, SandboxMessage
from common import clock
from config.demo import channels

pytestmark = pytest.mark.django_db

MAYA = "46701740635"
TOKEN = {"HTTP_AUTHORIZATION": "Bearer token-of-the-graph"}
GRAPH = f"/sandbox/graph/v25.0/{channels.PHONE_NUMBER_ID}"
TEXT = {"messaging_product": "whatsapp", "to": MAYA, "type": "text", "text": {"body": "Hello"}}


@pytest.fixture
def letters() -> Iterator[list[postman.Letter]]:
    """What would be posted to our webhook; nothing leaves."""
    posted: list[postman.Letter] = []
    before = postman.carried_by(lambda letter, after: posted.append(letter) is None)
    yield posted
    postman.carried_by(before)


@pytest.fixture
def later() -> Iterator[None]:
    """25 hours have passed."""
    clock.shift_by(lambda: timedelta(hours=25))
    yield
    clock.shift_by(timedelta)


@pytest.fixture
def channel() -> Channel:
    config = {"base_url": "http://localhost/sandbox/graph", "waba_id": channels.WABA_ID, "app": "demo"}
    credentials = {"app_secret": "s" * 40, "access_token": "token-of-the-graph"}
    return Channel.objects.create(
        key="whatsapp-demo",
        kind="whatsapp",
        title="Nordic Chairs",
        account=channels.PHONE_NUMBER_ID,
        config=config,
        credentials=credentials,
    )


@pytest.fixture
def wrote(channel: Channel) -> SandboxContact:
    """Maya wrote a minute ago: the window is open."""
    at = clock.now() - timedelta(minutes=1)
    return SandboxContact.objects.create(channel=channel.key, address=MAYA, last_inbound_at=at)


def post(client: Client, path: str, body: dict[str, Any], **headers: str) -> Any:
    return client.post(path, json.dumps(body), content_type="application/json", **headers)  # type: ignore[arg-type]  # headers by name


def states(letters: list[postman.Letter]) -> list[str]:
    bodies = [json.loads(letter.body)["entry"][0]["changes"][0]["value"] for letter in letters]
    return [value["statuses"][0]["status"] for value in bodies if "statuses" in value]


@pytest.mark.scenario("T-65")
@pytest.mark.parametrize("path", ["/sandbox/", "/sandbox/feed?person=maya", GRAPH])
def test_outside_of_a_sandbox_nothing_is_there(client: Client, settings: Any, channel: Channel, path: str) -> None:
    settings.SANDBOX = False
    assert client.get(path, **TOKEN).status_code == 404  # type: ignore[arg-type]  # headers by name


@pytest.mark.parametrize("path", ["say", "look", "controls", "clock", "reset"])
def test_outside_of_a_sandbox_nothing_can_be_done(client: Client, settings: Any, channel: Channel, path: str) -> None:
    settings.SANDBOX = False
    assert post(client, f"/sandbox/{path}", {"person": "maya", "text": "hi"}).status_code == 404


def test_the_page_opens_without_and_with_a_channel(client: Client) -> None:
    assert b"no WhatsApp channel" in client.get("/sandbox/").content


def test_the_page_shows_the_phone(client: Client, channel: Channel) -> None:
    page = client.get("/sandbox/")
    assert b"Maya Lindqvist" in page.content
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]


def test_a_strange_page_cannot_make_people_write(channel: Channel) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert post(strict, "/sandbox/say", {"person": "maya", "text": "hi"}).status_code == 403


def test_what_a_person_writes_leaves_as_a_signed_webhook(
    client: Client, channel: Channel, letters: list[postman.Letter]
) -> None:
    assert post(client, "/sandbox/say", {"person": "maya", "text": "hi"}).status_code == 201
    (letter,) = letters
    assert letter.url == callbacks.webhook_url(channel)
    assert letter.headers["X-Hub-Signature-256"].startswith("sha256=")
    assert json.loads(letter.body)["entry"][0]["changes"][0]["value"]["messages"][0]["text"] == {"body": "hi"}


def test_an_empty_word_is_refused(client: Client, channel: Channel, letters: list[postman.Letter]) -> None:
    assert post(client, "/sandbox/say", {"person": "maya", "text": "  "}).status_code == 400
    assert letters == []


def test_nobody_can_tap_what_was_not_offered(client: Client, channel: Channel, letters: list[postman.Letter]) -> None:
    asked = {"person": "maya", "message": "wamid.none", "option": "1:1:ergo"}
    assert post(client, "/sandbox/say", asked).status_code == 400


def test_a_send_without_the_token_is_refused(client: Client, channel: Channel) -> None:
    answer = post(client, f"{GRAPH}/messages", TEXT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


def test_a_send_is_accepted_and_climbs_the_ladder(
    client: Client, wrote: SandboxContact, letters: list[postman.Letter]
) -> None:
    answer = post(client, f"{GRAPH}/messages", TEXT, **TOKEN)
    assert answer.json()["messages"][0]["message_status"] == "accepted"
    assert states(letters) == ["sent", "delivered"]


def test_a_look_at_the_phone_reads_it_once(
    client: Client, wrote: SandboxContact, letters: list[postman.Letter]
) -> None:
    post(client, f"{GRAPH}/messages", TEXT, **TOKEN)
    assert [post(client, "/sandbox/look", {"person": "maya"}).json()["read"] for _ in range(2)] == [1, 0]
    assert states(letters) == ["sent", "delivered", "read"]


def test_receipts_can_be_off(client: Client, wrote: SandboxContact, letters: list[postman.Letter]) -> None:
    SandboxControls.objects.create(channel="whatsapp-demo", receipts="none")
    post(client, f"{GRAPH}/messages", TEXT, **TOKEN)
    assert states(letters) == []


def test_out_of_order_and_twice(client: Client, wrote: SandboxContact, letters: list[postman.Letter]) -> None:
    SandboxControls.objects.create(channel="whatsapp-demo", reorders=True, duplicates=True)
    post(client, f"{GRAPH}/messages", TEXT, **TOKEN)
    assert states(letters) == ["delivered", "delivered", "sent", "sent"]


def test_25_hours_later_the_window_is_closed(client: Client, wrote: SandboxContact, later: None) -> None:
    answer = post(client, f"{GRAPH}/messages", TEXT, **TOKEN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 131047)


def test_a_failure_that_is_meant_once_is_met_once(
    client: Client, wrote: SandboxContact, letters: list[postman.Letter]
) -> None:
    SandboxControls.objects.create(channel="whatsapp-demo", failure="429")
    answers = [post(client, f"{GRAPH}/messages", TEXT, **TOKEN) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [429, 200]
    assert answers[0]["Retry-After"] == "2"


def test_a_failure_that_is_meant_once_waits_for_a_message(client: Client, wrote: SandboxContact) -> None:
    SandboxControls.objects.create(channel="whatsapp-demo", failure="500", latency_ms=0)
    seen = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"}
    post(client, f"{GRAPH}/messages", seen, **TOKEN)
    assert post(client, f"{GRAPH}/messages", TEXT, **TOKEN).status_code == 500


def test_a_failure_that_is_meant_to_stay_stays(client: Client, wrote: SandboxContact) -> None:
    SandboxControls.objects.create(channel="whatsapp-demo", failure="500", is_failure_once=False)
    codes = [post(client, f"{GRAPH}/messages", TEXT, **TOKEN).status_code for _ in range(2)]
    assert codes == [500, 500]


def test_undeliverable_is_said_after_the_200(
    client: Client, wrote: SandboxContact, letters: list[postman.Letter]
) -> None:
    SandboxControls.objects.create(channel="whatsapp-demo", failure="131026")
    assert post(client, f"{GRAPH}/messages", TEXT, **TOKEN).status_code == 200
    told = json.loads(letters[0].body)["entry"][0]["changes"][0]["value"]["statuses"][0]
    assert (told["status"], told["errors"][0]["code"]) == ("failed", 131026)


def test_a_lost_answer_was_taken_and_breaks_off(
    client: Client, wrote: SandboxContact, letters: list[postman.Letter]
) -> None:
    SandboxControls.objects.create(channel="whatsapp-demo", failure="lost")
    answer = post(client, f"{GRAPH}/messages", TEXT, **TOKEN)
    with pytest.raises(ConnectionAbortedError):
        b"".join(answer.streaming_content)
    assert SandboxMessage.objects.filter(address=MAYA, is_from_customer=False).count() == 1


def test_the_inspector_never_shows_the_token(
    client: Client, wrote: SandboxContact, letters: list[postman.Letter]
) -> None:
    post(client, f"{GRAPH}/messages", TEXT, **TOKEN)
    shown = client.get("/sandbox/feed?person=maya").json()["exchanges"]
    assert shown[0]["headers"]["Authorization"].startswith("Bearer ••••")
    assert "token-of-the-graph" not in json.dumps(shown)


def test_a_reset_empties_the_phones(client: Client, wrote: SandboxContact, letters: list[postman.Letter]) -> None:
    post(client, f"{GRAPH}/messages", TEXT, **TOKEN)
    post(client, "/sandbox/reset", {})
    assert not SandboxMessage.objects.exists()
    assert not SandboxExchange.objects.exists()


@pytest.mark.parametrize("path", ["", "/media"])
def test_the_number_can_be_looked_up_with_the_token_only(client: Client, channel: Channel, path: str) -> None:
    assert client.get(f"{GRAPH}{path}").status_code == 401


def test_the_templates_come_in_pages(client: Client, channel: Channel) -> None:
    url = f"/sandbox/graph/v25.0/{channels.WABA_ID}/message_templates"
    first = client.get(f"{url}?limit=4", **TOKEN).json()  # type: ignore[arg-type]  # headers by name
    second = client.get(first["paging"]["next"], **TOKEN).json()  # type: ignore[arg-type]  # headers by name
    assert [len(page["data"]) for page in (first, second)] == [4, 2]
    assert "after" in second["paging"]["cursors"]
    assert "next" not in second["paging"]


def test_an_unknown_object_is_refused_as_meta_does(client: Client, channel: Channel) -> None:
    answer = client.get("/sandbox/graph/v25.0/4711", **TOKEN)  # type: ignore[arg-type]  # headers by name
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["error_subcode"]) == (400, 100, 33)
