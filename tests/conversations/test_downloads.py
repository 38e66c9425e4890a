"""Does a file leave as a file, and only to whom it may?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client

from common import clock
from common.files import File
from conversations import amendments, attachments, filelinks
from conversations.content import Media
from conversations.models import Delivery, Message
from tests import factories
from tests.conversations import files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def said(folder: Path) -> Message:
    received = factories.receive(factories.whatsapp(factories.maya()[1]), Media(kind="image"))
    assert received.message is not None
    return received.message


def path(url: str) -> str:
    return urlsplit(url).path


def body(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]  # the client's own class


def test_a_picture_is_shown_under_its_own_type(client: Client, said: Message) -> None:
    made = files.stored(said, files.picture(), name="chair.png", media_type="image/png")
    response = client.get(path(filelinks.for_person(made.public_id)))
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["Content-Disposition"].startswith("inline;")
    assert body(response) == files.picture()


@pytest.mark.scenario("T-3")
@pytest.mark.scenario("T-4")
@pytest.mark.parametrize(
    ("content", "media_type"),
    [(files.SVG, "image/svg+xml"), (files.HTML, "text/html"), (files.PDF, "application/pdf")],
)
def test_what_may_hold_a_script_is_only_downloaded_and_sandboxed(
    client: Client, said: Message, content: bytes, media_type: str
) -> None:
    made = files.stored(said, content, name="photo.png", media_type="image/png")
    response = client.get(path(filelinks.for_person(made.public_id)))
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.scenario("T-4")
def test_a_gif_that_is_a_script_as_well_is_only_downloaded(client: Client, said: Message) -> None:
    made = files.stored(said, files.GIF_JS, media_type="image/gif")
    response = client.get(path(filelinks.for_person(made.public_id)))
    assert response["Content-Disposition"].startswith("attachment;")


@pytest.mark.scenario("T-2")
@pytest.mark.parametrize(
    "name", ['"><img onerror=x>.pdf', "a\r\nX-Evil: 1.pdf", "\u202efdp.exe.pdf", "../../x.pdf", "Grüße 😀.pdf"]
)
def test_any_name_makes_one_safe_header(client: Client, said: Message, name: str) -> None:
    made = files.stored(said, files.PDF, name=name)
    header = client.get(path(filelinks.for_person(made.public_id)))["Content-Disposition"]
    kind, plain, whole = header.split("; ", 2)
    assert kind == "attachment"
    assert plain.isascii() and plain.count('"') == 2 and "<" not in plain
    assert unquote(whole.removeprefix("filename*=UTF-8''")) == made.name


@pytest.mark.scenario("T-6")
def test_a_link_for_people_ends_within_five_minutes(client: Client, said: Message) -> None:
    made = files.stored(said, files.picture())
    url = path(filelinks.for_person(made.public_id))
    clock.shift_by(lambda: timedelta(seconds=299))
    early = client.get(url).status_code
    clock.shift_by(lambda: timedelta(seconds=301))
    late = client.get(url).status_code
    clock.shift_by(timedelta)
    assert (early, late) == (200, 404)


@pytest.mark.scenario("T-6")
def test_a_link_is_worth_nothing_once_the_message_was_taken_back(client: Client, said: Message) -> None:
    made = files.stored(said, files.picture())
    url = path(filelinks.for_person(made.public_id))
    amendments.remove(message=said, occurred_at=clock.now())
    assert client.get(url).status_code == 404


@pytest.mark.scenario("T-5")
def test_a_forged_link_leads_nowhere(client: Client, said: Message) -> None:
    made = files.stored(said, files.picture())
    url = path(filelinks.for_person(made.public_id))
    for forged in (
        url[:-1] + ("a" if url[-1] != "a" else "b"),
        "/files/x",
        f"/files/{made.public_id}",
        "/files/" + "x" * 999,
    ):
        assert client.get(forged).status_code == 404
    assert client.post(url).status_code == 405


def test_a_link_for_a_delivery_lives_longer_and_dies_with_it(client: Client, said: Message) -> None:
    made = attachments.upload(file=File(files.PDF, "", "a.pdf"), customer_id=said.customer_id, uploader="agent:1")
    unsent = path(attachments.signed_url(made.public_id))
    assert client.get(unsent).status_code == 404
    factories.bot_says(said.session, attachments.as_content(made))
    assert client.get(path(attachments.signed_url(str(made.public_id)))).status_code == 200
    Delivery.objects.update(state=Delivery.State.CANCELLED)
    assert client.get(unsent).status_code == 404


def test_a_link_begins_where_files_are_served(said: Message, settings: object) -> None:
    settings.FILES_URL = "https://files.example"  # type: ignore[attr-defined]  # pytest-django's
    made = files.stored(said, files.picture())
    assert filelinks.for_person(made.public_id).startswith("https://files.example/files/")


def test_the_small_copy_has_a_link_of_its_own(client: Client, said: Message) -> None:
    picture, document = files.stored(said, files.picture()), files.stored(said, files.PDF)
    response = client.get(path(filelinks.for_person(picture.public_id, "thumb")))
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert client.get(path(filelinks.for_person(document.public_id, "thumb"))).status_code == 404


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=10-", 10, None), ("bytes=-5", -5, None), ("bytes=5-999999", 5, None)],
)
def test_a_player_may_ask_for_a_part(client: Client, said: Message, asked: str, first: int, last: int | None) -> None:
    made = files.stored(said, files.MP4, media_type="video/mp4")
    response = client.get(path(filelinks.for_person(made.public_id)), headers={"Range": asked})
    wanted = files.MP4[first : last + 1 if last is not None else None]
    assert (response.status_code, body(response)) == (206, wanted)
    assert response["Content-Length"] == str(len(wanted))
    assert response["Content-Range"].endswith(f"/{len(files.MP4)}")


def test_a_part_beyond_the_end_is_refused_and_nonsense_is_not_heeded(client: Client, said: Message) -> None:
    made = files.stored(said, files.MP4, media_type="video/mp4")
    assert client.get(path(filelinks.for_person(made.public_id)), headers={"Range": "bytes=9999-"}).status_code == 416
    for nonsense in ("bytes=-", "bytes=5-1,2-3", "pieces=1-2"):
        assert client.get(path(filelinks.for_person(made.public_id)), headers={"Range": nonsense}).status_code == 200
