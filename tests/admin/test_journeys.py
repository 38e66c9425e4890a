"""Can an author write, compare, translate and publish a journey in the back office, and who may not?"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conversations.journeys import footfall, publishing, trials
from conversations.models import Journey, JourneyVersion
from tests.admin import office
from tests.admin.conftest import permit
from tests.stories import cast

pytestmark = pytest.mark.django_db
TEXT = office.DRAFT.format(key="greet") + "triggers: [{keyword: [greet]}]\n"


@pytest.fixture
def greet(db: None) -> Journey:
    cache.clear()
    return Journey.objects.get(pk=office.unpublished("greet", TEXT).pk)


def at(name: str, key: str = "greet", **more: Any) -> str:
    return reverse(f"admin:journey-{name}", kwargs={"key": key, **more})


def save(client: Client, text: str, seen: int, **more: Any) -> HttpResponse:
    return client.post(at("editor"), {"draft": text, "seen": seen}, **more)


def publish(client: Client, **more: Any) -> HttpResponse:
    given = {"seen": Journey.objects.get().draft_revision, "in_flight": "keep", "sentence": "Bye.", **more}
    return client.post(at("publish"), given)


def test_a_draft_is_saved_broken_or_not_and_says_by_whom(boss: Client, greet: Journey) -> None:
    assert save(boss, "steps: [", greet.draft_revision).status_code == 302
    greet.refresh_from_db()
    assert (greet.draft, greet.draft_by.username) == ("steps: [", "boss")  # type: ignore[union-attr]  # just saved
    assert "not valid YAML" in boss.get(at("editor")).content.decode()


def test_the_second_of_two_tabs_is_told_and_nothing_is_lost(boss: Client, greet: Journey) -> None:
    seen = greet.draft_revision
    save(boss, TEXT + "# mine\n", seen)
    answer = save(boss, TEXT + "# theirs\n", seen)
    shown = answer.content.decode()
    assert (answer.status_code, "# mine" in shown, "# theirs" in shown) == (409, True, True)
    assert Journey.objects.get().draft.endswith("# mine\n")
    assert save(boss, TEXT, seen, headers={"Accept": "application/json"}).status_code == 409


def test_the_linter_answers_with_lines_and_the_graph(boss: Client, greet: Journey) -> None:
    told = boss.post(at("lint"), {"draft": TEXT.replace("next: done", "next: nowhere")}).json()
    assert any(one["line"] == 7 and "nowhere" in one["message"] for one in told["findings"])
    assert told["graph"].startswith("<svg")
    assert boss.post(at("lint"), {"draft": "steps: ["}).json()["graph"] is None


def test_the_text_of_another_journey_is_told_on_its_line_before_it_is_published(boss: Client, greet: Journey) -> None:
    other = "# mine\n" + TEXT.replace("journey: greet", "journey: meet")
    (found,) = [one for one in boss.post(at("lint"), {"draft": other}).json()["findings"] if one["level"] == "error"]
    assert (found["line"], "greet" in found["message"], "meet" in found["message"]) == (2, True, True)
    save(boss, other, greet.draft_revision)
    assert "the text is that of" in boss.get(at("publish")).content.decode()
    assert not [one for one in boss.post(at("lint"), {"draft": TEXT}).json()["findings"] if one["level"] == "error"]


@pytest.mark.scenario("T-38")
def test_what_an_author_writes_is_never_markup(boss: Client, greet: Journey) -> None:
    evil = '"</text></svg><script>alert(1)</script>"'
    text = TEXT.replace("title: ", f"title: {evil} #", 1)
    save(boss, text, greet.draft_revision)
    answers = [boss.get(at(page)) for page in ("editor", "versions", "publish", "words")]
    answers.append(boss.post(at("lint"), {"draft": text}))
    pages = [answers[0].content.decode(), *(one.content.decode() for one in answers[1:4]), answers[4].json()["graph"]]
    assert [one.status_code for one in answers] == [200] * 5
    assert not any("<script>alert" in page for page in pages)


def test_a_draft_without_errors_is_published_with_its_notes(boss: Client, greet: Journey) -> None:
    assert publish(boss, notes="The first.").status_code == 302
    version = JourneyVersion.objects.get()
    assert (version.source, version.notes, version.published_by.username) == (TEXT, "The first.", "boss")  # type: ignore[union-attr]  # by her


@pytest.mark.parametrize("text", ["", "steps: []", office.DRAFT.format(key="another")])
def test_a_draft_with_errors_or_of_another_journey_is_not_published(boss: Client, greet: Journey, text: str) -> None:
    Journey.objects.update(draft=text)
    answer = publish(boss)
    assert (answer.status_code, Journey.objects.get().live_version) == (422, None)


def test_a_draft_that_was_changed_since_it_was_looked_at_is_not_published(boss: Client, greet: Journey) -> None:
    save(boss, TEXT + "# more\n", greet.draft_revision)
    answer = publish(boss, seen=greet.draft_revision)
    assert (answer.status_code, JourneyVersion.objects.exists()) == (409, False)
    assert publish(boss, seen=answer.context["form"]["seen"].value()).status_code == 302  # what is shown now was seen


def test_a_rehearsal_counts_and_publishes_nothing(boss: Client, greet: Journey) -> None:
    publish(boss)
    cast.maya().on_whatsapp().says("greet")
    save(boss, TEXT + "# 2\n", Journey.objects.get().draft_revision)
    answer = publish(boss, in_flight="migrate", rehearse="1")
    assert (answer.status_code, "Nothing was done yet" in answer.content.decode()) == (200, True)
    assert JourneyVersion.objects.count() == 1


def test_a_version_is_compared_and_put_back(boss: Client, greet: Journey) -> None:
    publish(boss)
    save(boss, TEXT.replace("Hello", "Good day"), Journey.objects.get().draft_revision)
    shown = boss.get(at("versions"), {"old": 1, "new": "draft", "as": "side"}).content.decode()
    assert "is-old" in shown and "diff-side" in shown and "Good day" in shown
    boss.post(at("put-back", number=1), {"seen": Journey.objects.get().draft_revision})
    assert Journey.objects.get().draft == TEXT


def test_a_journey_goes_out_as_a_file_and_comes_in_as_a_draft(boss: Client, greet: Journey) -> None:
    publish(boss)
    content = boss.get(at("file")).content
    assert content.decode() == TEXT
    upload(boss, TEXT.replace("Hello", "Hi"))
    assert "Hi" in Journey.objects.get().draft
    boss.post(at("duplicate"), {"key": "greet_copy", "title": "Another"})
    found = publishing.check(Journey.objects.get(key="greet_copy").draft).findings
    assert [one.rule for one in found if one.level == "error"] == ["L15"]  # its triggers are still those of the first


def test_a_file_stands_beside_a_draft_that_was_never_published_until_somebody_saves_it(
    boss: Client, greet: Journey
) -> None:
    publish(boss)
    mine = TEXT.replace("Hello", "Not published yet")
    save(boss, mine, Journey.objects.get().draft_revision)
    theirs = TEXT.replace("Hello", "Hi")
    answer = upload(boss, theirs)
    assert (answer.status_code, Journey.objects.get().draft) == (409, mine)
    shown = answer.content.decode()
    assert "Not taken in yet" in shown and "Not published yet" in shown
    save(boss, theirs, answer.context["seen"])
    assert Journey.objects.get().draft == theirs


def upload(boss: Client, text: str) -> Any:
    given = SimpleUploadedFile("greet.yaml", text.encode())
    return boss.post(reverse("admin:journey-new"), {"act": "upload", "file": given})


def test_a_journey_begins_from_the_library(boss: Client, greet: Journey) -> None:
    assert "order_chair" in boss.get(reverse("admin:journey-new")).content.decode()
    boss.post(reverse("admin:journey-new"), {"act": "library", "key": "order_chair"})
    made = Journey.objects.get(key="order_chair")
    assert (made.live_version, made.draft.count("journey: order_chair")) == (None, 1)


def test_who_may_write_may_not_publish(clerks: Client, clerk: User, greet: Journey) -> None:
    permit(clerk, "view_journey", "change_journey")
    assert save(clerks, TEXT + "# x\n", greet.draft_revision).status_code == 302
    assert (clerks.get(at("publish")).status_code, publish(clerks).status_code) == (403, 403)


def test_who_may_look_changes_nothing_and_others_see_nothing(clerks: Client, clerk: User, greet: Journey) -> None:
    assert clerks.get(at("editor")).status_code == 403
    permit(clerk, "view_journey")
    assert clerks.get(at("editor")).status_code == 200
    assert save(clerks, "x", greet.draft_revision).status_code == 403
    assert clerks.post(at("words-import")).status_code == 403


def test_the_counts_of_a_graph_take_two_questions(boss: Client, greet: Journey) -> None:
    publish(boss)
    phone = cast.maya().on_whatsapp()
    phone.says("greet")
    with CaptureQueriesContext(connection) as asked:
        found = footfall.of(greet)
    assert len(asked) == 2
    assert (found["hello"].entered, found["done"].entered, found["done"].left) == (1, 1, 0)


def test_a_page_that_is_opened_shows_the_counts_of_now(boss: Client, greet: Journey) -> None:
    publish(boss)
    assert "in · " not in boss.get(at("editor")).content.decode()
    cast.maya().on_whatsapp().says("greet")
    assert "1 in · 0 waiting" in boss.get(at("editor")).content.decode()


def test_a_draft_is_played_by_whoever_says_its_code_first_and_by_nobody_else(settings: Any, greet: Journey) -> None:
    settings.SANDBOX = True
    trials.played_on(lambda channel: channel == cast.WHATSAPP)
    code = trials.words(trials.begin(journey=greet, by=None))
    tom, maya = cast.tom(), cast.maya().on_whatsapp()
    assert "Hello" not in cast.words(tom.says(code))
    assert "Hello" in cast.words(maya.says(code))
    assert trials.claim(said=code, channel=cast.WHATSAPP) is None
    assert publishing.live() == {}


def test_a_draft_is_played_in_the_chat_of_the_page_that_its_link_leads_to(settings: Any, greet: Journey) -> None:
    settings.SANDBOX = True
    trials.played_on(lambda channel: channel == cast.WEB)
    word = trials.word(trials.begin(journey=greet, by=None))
    visitor, other = cast.tom(), cast.tom()
    assert cast.words(visitor.says(action="start:try-nobody")) == ""
    assert "Hello" in cast.words(visitor.says(action=f"start:{word}"))
    assert cast.words(other.says(action=f"start:{word}")) == ""
