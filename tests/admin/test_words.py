"""Are ready words, macros and views of the back office those that the desk and the API would take as well?"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from common import checkups
from conversations.models import Message
from handover.models import CannedReply, Macro, SavedView
from tests import factories as make
from tests.admin import office
from tests.handover.inbox.cast import client_of

pytestmark = pytest.mark.django_db

REPLY = {"shortcut": "hi", "title": "Hi", "language": "", "text": "Hi {{customer.first_name}}"}
BROKEN = "Hi {{customer.first_name"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BROKEN, "a placeholder is not closed"),
        ("Key {{settings.SECRET_KEY}}", "is not a name that begins with one of"),
        ("x" * 4001, "At most 4,000 characters."),
    ],
)
def test_ready_words_that_could_not_be_filled_in_are_refused(boss: Client, text: str, said: str) -> None:
    answer = boss.post(office.page(CannedReply, "add"), REPLY | {"text": text})
    assert said in answer.content.decode() and not CannedReply.objects.exists()
    assert boss.post(office.page(CannedReply, "add"), REPLY).status_code == 302


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ('[{"do": "explode"}]', "“explode” is nothing that a macro can do."),
        ('{"do": "close"}', "Write a JSON list"),
        ("[1]", "A step of a macro names what it does"),
        ('[{"do": "reply", "text": "Hi {{customer.first_name"}]', "a placeholder is not closed"),
        ("", "This field is required."),
    ],
)
def test_a_macro_that_could_not_be_run_is_refused(boss: Client, actions: str, said: str) -> None:
    answer = boss.post(office.page(Macro, "add"), {"title": "Odd", "actions": actions})
    assert said in answer.content.decode() and not Macro.objects.exists()


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ("[1]", "Write a JSON object"),
        ('{"planet": "mars"}', "There is no planet"),
        ('{"state": "gone"}', "The filter knows no such value: state=gone"),
        ('{"queue": "nowhere"}', "The filter knows no such value: queue=nowhere"),
        ('{"q": ["x"]}', "no text"),
    ],
)
def test_a_view_that_no_list_understands_is_refused(boss: Client, filters: str, said: str) -> None:
    answer = boss.post(office.page(SavedView, "add"), {"title": "Odd", "filters": filters, "position": 0})
    assert said in answer.content.decode() and not SavedView.objects.exists()


def test_what_is_for_one_agent_has_no_queue(boss: Client) -> None:
    queue = make.queue("sales")
    ana = make.agent("Ana Sousa", queues=(queue,))
    given = {"title": "Mine", "filters": '{"owner": "me"}', "position": 0, "queue": queue.pk}
    answer = boss.post(office.page(SavedView, "add"), given | {"owner": ana.pk})
    assert "What is for one agent alone has no queue." in answer.content.decode()
    assert boss.post(office.page(SavedView, "add"), given).status_code == 302
    assert SavedView.objects.get().filters == {"owner": "me"}


def test_broken_words_of_before_are_named_and_never_go_out_by_a_macro() -> None:
    queue = make.queue("sales")
    ana, waits = make.agent("Ana Sousa", queues=(queue,)), make.waiting_in(queue)
    CannedReply.objects.create(shortcut="hi", title="Hi", text=BROKEN)
    macro = Macro.objects.create(title="Thanks", actions=[{"do": "reply", "text": BROKEN}])
    desk = client_of(ana)
    shown = desk.get(reverse("inbox:ready", args=[waits.public_id]), {"q": "hi"}).content.decode()
    assert "A place in these words is broken" in shown and "Unknown here" not in shown
    page = reverse("inbox:macro", args=[waits.public_id, macro.public_id])
    asked = desk.get(page).context["client_id"]
    assert desk.post(page, {"client_id": asked}).status_code == 200
    assert not Message.objects.filter(author="agent").exists()
    assert "The ready reply /hi has a broken place" in checkups.registered["words"]().text


def test_an_agent_speaks_languages_of_two_letters(boss: Client) -> None:
    user = User.objects.create_user("ana")
    given = {"name": "Ana", "user": user.pk, "manual_status": "online", "capacity": 4, "languages": "english"}
    assert "“english” is no code of a language" in boss.post("/admin/handover/agent/add/", given).content.decode()
