"""A customer asks what no journey waits for: an article answers, three are offered, and two misses call an agent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config.demo import answers
from conversations import capabilities, knowledge
from conversations.answers import articles, held, misses, talk
from conversations.journeys.scene import Scene
from conversations.models import Article, Miss, MissAsking
from customers import privacy
from handover.models import Agent, Queue
from tests import factories
from tests.stories import cast
from tests.stories.cast import Endpoint, Person, words

FORM = """
journey: form
title: A form
languages: [en]
triggers: [{keyword: [form]}]
policy: {interruptible: true}
steps:
  - {id: age, type: ask, title: Age, text: "How old are you?", expect: {kind: number}, resume: We were at your age.}
  - {id: wish, type: ask, title: Wish, text: "What do you wish for?", resume: We were at your wish.}
  - {id: bye, type: end, text: Thank you.}
"""


def publish(key: str, title: str, body: str, language: str = "en", **more: Any) -> Article:
    given = {"key": key, "language": language, "title": title, "body": body} | more
    article = articles.save(article=None, values=given)
    articles.publish([article])
    return article


@pytest.fixture
def maya(sales: Queue) -> Person:
    publish("returns", "Return policy", "Send it **back** within 30 days.", aliases=["returning things"])
    publish("map", "Carrier tracking", "There is a map.")
    publish("lost", "Carrier insurance", "Nothing of value is lost.")
    return cast.maya()


@pytest.fixture
def phone(maya: Person) -> Endpoint:
    return maya.on_whatsapp()


def events(person: Person, kind: str) -> list[dict[str, Any]]:
    return [event.data for event in person.conversation.events.filter(kind=kind).order_by("seq")]


@pytest.mark.scenario("J-48")
def test_a_question_is_answered_in_plain_words_and_remembered_as_a_topic(maya: Person, phone: Endpoint) -> None:
    assert phone.says("what is your retrun polcy?") == ["Send it back within 30 days."]
    assert [(one["article"], one["language"]) for one in events(maya, talk.ANSWERED)] == [("returns", "en")]
    assert Miss.objects.count() == 0


@pytest.mark.scenario("J-49")
def test_an_unclear_question_offers_titles_and_a_number_picks_one(maya: Person, phone: Endpoint) -> None:
    asked = words(phone.says("carrier"))
    assert "Which of these do you mean?" in asked
    assert "1) " in asked and "2) " in asked and "3) " not in asked
    second = events(maya, talk.OFFERED)[0]["articles"][1]
    assert phone.says("2") == [Article.objects.get(pk=second).body]


@pytest.mark.scenario("J-49")
def test_of_four_that_fit_alike_exactly_three_are_offered(phone: Endpoint) -> None:
    for name in ("North", "South", "East", "West"):
        publish(name.lower(), f"Delivery {name}", f"We deliver to the {name}.")
    lines = words(phone.says("delivery")).splitlines()
    assert [line[:3] for line in lines if line[1:3] == ") "] == ["1) ", "2) ", "3) "]


@pytest.mark.scenario("J-49")
def test_a_title_and_a_tap_pick_the_same(maya: Person, phone: Endpoint) -> None:
    phone.says("carrier")
    assert phone.taps("Carrier tracking") == ["There is a map."]
    phone.says("carrier")
    assert phone.says("carrier insurance") == ["Nothing of value is lost."]


@pytest.mark.scenario("J-49")
def test_two_misses_in_a_row_offer_an_agent_and_the_editors_see_them(ana: Agent, phone: Endpoint) -> None:
    assert "How can I help you?" in words(phone.says("do you sell purple elephants"))
    assert "Shall I call someone?" in words(phone.says("and what about green zebras"))
    assert {miss.question for miss in Miss.objects.all()} == {
        "do you sell purple elephants",
        "and what about green zebras",
    }
    assert "your first name" in words(phone.says("1"))


@pytest.mark.scenario("J-49")
def test_an_answer_between_two_misses_calls_nobody(maya: Person, phone: Endpoint) -> None:
    phone.says("do you sell purple elephants")
    phone.says("return policy")
    assert "Shall I call someone?" not in words(phone.says("and what about green zebras"))


@pytest.mark.scenario("J-49")
def test_a_number_on_another_channel_picks_nothing_and_the_titles_are_shown_there(
    maya: Person, phone: Endpoint
) -> None:
    web = maya.on_web()
    phone.says("carrier")
    assert "Which of these do you mean?" in words(web.says("2"))
    assert len(web.says("1")) == 1
    assert len(events(maya, talk.ANSWERED)) == 1


def test_a_title_tapped_twice_answers_once(maya: Person, phone: Endpoint) -> None:
    phone.says("carrier")
    tap = phone.shown()[-1].content["options"][0]["payload"]
    assert len(phone.says("x", payload=tap)) == 1
    assert phone.says("x", payload=tap) == []


def test_a_title_of_an_article_that_is_gone_has_expired(maya: Person, phone: Endpoint) -> None:
    phone.says("carrier")
    articles.withdraw(Article.objects.all())
    assert words(phone.taps("Carrier tracking")).startswith("That menu has expired.")


@pytest.mark.scenario("J-50")
@pytest.mark.scenario("HO-68")
def test_an_article_with_hand_over_starts_the_intake_with_its_skill_and_referrer(
    ana: Agent, maya: Person, phone: Endpoint
) -> None:
    publish("bulk", "Bulk orders", "We love those.", hand_over={"skill": "sales", "referrer": "bulk-page"})
    answered = phone.says("bulk orders")
    assert answered[0] == "We love those."
    assert "your first name" in words(answered[1:])
    handover = maya.conversation.handover
    assert handover is not None
    assert (handover["skill"], handover["referrer"], handover["reason"]) == ("sales", "bulk-page", "article")
    phone.says("Maya")
    phone.says("Forty chairs")
    assert maya.conversation.referrer == "bulk-page"


@pytest.mark.scenario("J-50")
def test_nobody_online_after_such_an_answer_takes_a_message(maya: Person, phone: Endpoint) -> None:
    publish("bulk", "Bulk orders", "We love those.", hand_over={"skill": "sales"})
    assert "What should our team know?" in words(phone.says("bulk orders"))


def test_a_question_at_a_checked_question_is_answered_and_the_same_is_asked_again(phone: Endpoint) -> None:
    cast.publish(FORM)
    phone.says("form")
    assert phone.says("what is your return policy") == ["Send it back within 30 days.", "How old are you?"]
    assert "What do you wish for?" in phone.says("42")


def test_a_question_at_a_free_text_question_is_its_answer(phone: Endpoint) -> None:
    cast.publish(FORM)
    phone.says("form")
    phone.says("42")
    assert phone.says("what is your return policy")[0] == "Thank you."


def test_an_unclear_question_at_a_checked_question_is_a_wrong_answer(maya: Person, phone: Endpoint) -> None:
    cast.publish(FORM)
    phone.says("form")
    assert "Which of these" not in words(phone.says("carrier"))
    assert Miss.objects.count() == 0


def test_a_question_in_a_journey_that_may_not_be_interrupted_is_a_wrong_answer(phone: Endpoint) -> None:
    cast.publish(FORM.replace("interruptible: true", "interruptible: false"))
    phone.says("form")
    assert "Send it back" not in words(phone.says("what is your return policy"))


def test_at_the_main_menu_the_answer_comes_alone_and_its_options_still_count(maya: Person, phone: Endpoint) -> None:
    phone.says("menu")
    assert phone.says("return policy") == ["Send it back within 30 days."]
    assert "Ergo task chair" in words(phone.says("2"))


def test_a_keyword_inside_a_sentence_gives_way_to_a_sure_answer_and_alone_it_does_not(phone: Endpoint) -> None:
    publish("chairs", "Returning a chair", "Chairs go back, too.")
    assert phone.says("can I return a chair?") == ["Chairs go back, too."]
    assert "Which chair" in words(phone.says("chair"))


def test_a_private_article_is_not_said_to_a_visitor_whom_nobody_knows(sales: Queue) -> None:
    publish("code", "Secret discount code", "PLATINUM", audience="private")
    assert "PLATINUM" not in words(cast.tom().says("secret discount code"))
    assert cast.maya().on_whatsapp().says("secret discount code") == ["PLATINUM"]


def test_the_answer_is_in_the_customers_language(maya: Person, phone: Endpoint) -> None:
    publish("returns", "Devoluciones", "Puedes devolver tu silla en treinta días.", "es")
    factories.attribute(maya.customer, "language", "es")
    assert phone.says("¿puedo devolver mi silla?") == ["Puedes devolver tu silla en treinta días."]
    assert phone.says("return policy") == ["Puedes devolver tu silla en treinta días."]


def test_a_greeting_is_no_miss(phone: Endpoint) -> None:
    phone.says("good morning")
    assert Miss.objects.count() == 0


def test_the_same_question_again_is_counted_and_opened_again(
    maya: Person, phone: Endpoint, later: Callable[..., None]
) -> None:
    phone.says("do you sell purple elephants")
    misses.resolve(misses.backlog())
    assert list(misses.backlog()) == []
    later(days=2)
    phone.says("Do you sell PURPLE elephants?")
    (miss,) = misses.backlog()
    assert (miss.count, miss.channel, miss.first < miss.last) == (2, "whatsapp", True)


def test_a_question_of_nothing_but_a_number_leaves_nothing(maya: Person, phone: Endpoint) -> None:
    phone.says("hi")
    scene = Scene(maya.conversation, maya.conversation.sessions.get(), maya.customer)
    assert misses.note(scene=scene, text="AB-123456 4711", language="en") is None
    assert MissAsking.objects.count() == 0


def test_an_erased_customer_takes_along_what_only_they_have_asked(maya: Person, phone: Endpoint) -> None:
    other = cast.tom()
    phone.says("do you sell purple elephants")
    phone.says("and what about green zebras")
    other.says("do you sell purple elephants")
    person = privacy.Person.of([maya.customer.pk])
    assert [row["question"] for row in held.said(person)] == [
        "do you sell purple elephants",
        "and what about green zebras",
    ]
    assert held.erase(person, 100) == 2
    assert [(miss.question, miss.count) for miss in misses.backlog()] == [("do you sell purple elephants", 1)]
    assert held.erase(person, 100) == 0


@pytest.mark.scenario("J-48")
@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("how do I return my chair?", "returns"),
        ("is there an assembly video", "assembly"),
        ("wat does shiping cost", "shipping-cost"),
        ("¿Cuánto tarda el envío?", "delivery-times"),
        ("quiero devolver mi silla", "returns"),
    ],
)
def test_the_demos_articles_answer_the_demos_questions(sales: Queue, text: str, key: str) -> None:
    answers.seed()
    found = knowledge.find(text, languages=knowledge.spoken(""))
    assert (found.decision, found.best.key) == ("sure", key)


def test_what_an_editor_made_of_a_demo_article_outlives_the_next_start(sales: Queue) -> None:
    answers.seed()
    row = Article.objects.get(key="payment", language="en")
    articles.save(article=row, values={"title": "Money"})
    answers.seed()
    row.refresh_from_db()
    assert row.title == "Money"
    answers.purge()
    assert not Article.objects.exists()


def test_a_long_answer_ends_with_a_link_where_it_would_be_many_messages(sales: Queue) -> None:
    body = "\n\n".join(
        f"Paragraph {number} of a long story about chairs and where they come from." for number in range(200)
    )
    row = publish("story", "The long story", body)
    sms = capabilities.Capabilities(kind="sms", text_limit=1600, numbered=True)
    said = talk.sized(row, row.body, sms, "en")
    assert said.endswith(f"/answers/{row.public_id}/") and len(said) <= 1600 and said.startswith("Paragraph 0")
    assert talk.sized(row, "Short.", sms, "en") == "Short."
    articles.save(article=row, values={"audience": "private"})
    assert talk.sized(row, row.body, sms, "en") == row.body


def test_whether_an_answer_helped_is_asked_if_wanted_and_counted_once(phone: Endpoint, settings: Any) -> None:
    settings.KNOWLEDGE_FEEDBACK = True
    assert "Did that help?" in words(phone.says("return policy"))
    tap = phone.shown()[-1].content["options"][0]["payload"]
    assert phone.says("Yes", payload=tap) == ["You are welcome."]
    assert phone.says("Yes", payload=tap) == []
    assert Article.objects.get(key="returns").helped == 1
    phone.says("carrier insurance")
    assert "Shall I call someone?" in words(phone.taps("No"))
    assert Article.objects.get(key="lost").left_open == 1
