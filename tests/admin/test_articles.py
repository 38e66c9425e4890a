"""Can editors write, try, publish, compare and import articles, and work off what nobody could answer?"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from common import clock
from conversations import knowledge
from conversations.answers import articles, files
from conversations.models import Article, Miss, MissAsking
from tests import factories

ADD = "admin:conversations_article_add"
CHANGE = "admin:conversations_article_change"
SENT = {"_form_submitted": "true"}  # what the dialog's form sends


def article(key: str = "delivery", language: str = "en", title: str = "Delivery times", **more: Any) -> Article:
    values = {"key": key, "language": language, "title": title, "body": "Three **days**.", **more}
    return articles.save(article=None, values=values)


def form(**changes: str) -> dict[str, str]:
    given = {"key": "delivery", "language": "en", "title": "Delivery times", "body": "Three days.", "aliases": ""}
    return given | {"audience": "public", "skill": "", "referrer": "", "channel": ""} | changes


def miss(text: str = "do you sell elephants") -> Miss:
    found = Miss.objects.create(language="en", digest=text, question=text)
    MissAsking.objects.create(miss=found, customer=factories.customer(), channel="sms", asked_at=clock.now())
    return found


@pytest.fixture
def editor(db: None, client: Client) -> Client:
    """May write articles, and not publish them."""
    user = User.objects.create_user("eddi", password=factories.PASSWORD, is_staff=True)
    rights = [f"{verb}_article" for verb in ("view", "add", "change", "delete")]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return client


def test_what_is_written_is_a_draft_until_it_is_published(boss: Client) -> None:
    assert boss.post(reverse(ADD), form(aliases="how long\nhow long\nwhen")).status_code == 302
    row = Article.objects.get()
    assert (row.state, row.aliases) == ("draft", ["how long", "when"])
    boss.post(reverse("admin:conversations_article_publish", args=[row.pk]), SENT)
    assert knowledge.find("when", languages=("en",)).decision == "sure"


def test_a_published_article_that_is_changed_is_found_by_its_new_words(boss: Client) -> None:
    row = article()
    articles.publish([row])
    answered = boss.post(reverse(CHANGE, args=[row.pk]), form(title="Parcels"))
    assert answered.status_code == 302
    assert knowledge.find("parcels", languages=("en",)).decision == "sure"
    assert knowledge.find("delivery", languages=("en",)).decision == "none"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("language", "klingon speech", "A language is a code"),
        ("skill", "nobody", "Name the skill"),
        ("title", "…", "has words"),
    ],
)
def test_a_bad_field_is_said_beside_it_and_nothing_is_saved(boss: Client, field: str, value: str, words: str) -> None:
    factories.queue("sales", skill="sales")
    page = boss.post(reverse(ADD), form(**{field: value}))
    assert words in page.content.decode()
    assert not Article.objects.exists()


def test_who_may_not_publish_sees_a_published_article_and_does_not_change_it(editor: Client) -> None:
    row = article(hand_over=None)
    assert editor.post(reverse(CHANGE, args=[row.pk]), form(title="Parcels")).status_code == 302
    articles.publish([Article.objects.get()])
    assert editor.get(reverse(CHANGE, args=[row.pk])).status_code == 200
    assert editor.post(reverse(CHANGE, args=[row.pk]), form(title="Mine")).status_code == 403
    assert editor.post(reverse("admin:conversations_article_withdraw", args=[row.pk]), SENT).status_code == 403
    assert Article.objects.get().title == "Parcels"
    assert Article.objects.get().state == "published"


def test_trying_a_question_shows_the_rank_the_decision_and_the_runner_up(boss: Client) -> None:
    articles.publish([article(), article("cost", title="Delivery cost")])
    page = boss.get(reverse("admin:article-try"), {"question": "delivery"}).content.decode()
    assert "The bot asks which one is meant" in page
    assert "Delivery cost" in page and "Delivery times" in page
    sure = boss.get(reverse("admin:article-try"), {"question": "delivrey times"}).content.decode()
    assert "The bot answers" in sure and "delivery times" in sure


def test_languages_stand_side_by_side_and_a_missing_one_can_be_written(boss: Client) -> None:
    article()
    article("other", "es", "Otra")
    article(language="de", title="Lieferzeit <b>")
    page = boss.get(reverse("admin:article-versions", args=["delivery"])).content.decode()
    assert "Lieferzeit &lt;b&gt;" in page and "Delivery times" in page
    assert "?key=delivery&amp;language=es" in page


def test_an_archive_is_checked_then_imported_and_a_bad_line_is_named(boss: Client) -> None:
    row = article()
    good = files.write(row)
    Article.objects.all().delete()
    url = reverse("admin:article-import")

    def upload(text: str, **more: str) -> Any:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("en/delivery.md", text)
        return boss.post(url, {"file": SimpleUploadedFile("a.zip", packed.getvalue()), **more})

    assert "1 new" in upload(good, check="1").content.decode()
    bad = upload(good.replace("title:", "titel:"), **{"import": "1"}).content.decode()
    assert "en/delivery.md:4" in bad and not Article.objects.exists()
    assert upload(good, publish="on", **{"import": "1"}).status_code == 302
    assert Article.objects.get().state == "published"


def test_the_export_is_an_archive_of_markdown(boss: Client) -> None:
    article()
    answer = boss.get(reverse("admin:article-export"))
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist() == ["en/delivery.md"]


def test_a_question_of_the_backlog_leads_to_an_article_and_is_done_with_it(boss: Client) -> None:
    found = miss()
    page = boss.get(reverse("admin:article-backlog")).content.decode()
    assert "do you sell elephants" in page and f"miss={found.pk}" in page
    asked = {"title": found.question, "miss": found.pk}
    assert 'value="do you sell elephants"' in boss.get(reverse(ADD), asked).content.decode()
    boss.post(f"{reverse(ADD)}?miss={found.pk}", form(title=found.question))
    found.refresh_from_db()
    assert found.resolved_at is not None


def test_a_question_can_be_marked_as_done_and_opened_again(boss: Client) -> None:
    found = miss()
    url = reverse("admin:article-backlog-decide", args=[found.pk])
    boss.post(url, {"done": "1"})
    assert "do you sell" not in boss.get(reverse("admin:article-backlog")).content.decode()
    assert "do you sell" in boss.get(reverse("admin:article-backlog"), {"status": "done"}).content.decode()
    boss.post(url, {"reopen": "1"})
    assert "do you sell" in boss.get(reverse("admin:article-backlog")).content.decode()


def test_the_backlog_is_not_for_everybody(editor: Client) -> None:
    miss()
    assert editor.get(reverse("admin:article-backlog")).status_code == 403


def test_the_public_page_shows_words_and_never_what_is_private_or_a_draft(client: Client, db: None) -> None:
    row = article(body="**Three** <script>alert(1)</script> days: [map](https://shop.example/map)")
    url = reverse("article", args=[row.public_id])
    assert client.get(url).status_code == 404
    articles.publish([row])
    page = client.get(url).content.decode()
    assert "Three &lt;script&gt;" in page and 'href="https://shop.example/map"' in page
    articles.save(article=row, values={"audience": "private"})
    assert client.get(url).status_code == 404
