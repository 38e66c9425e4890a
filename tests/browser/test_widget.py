"""Does the chat work in a real browser, on the demo shop and on a hostile page of another origin?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection, transaction
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from channels_app.models import Channel, InboundEvent, Visit
from conversations import outbox, realtime, threads
from conversations.content import Text
from conversations.models import Conversation, Delivery, JourneyRun, Message, Session
from tests import factories
from tests.browser.storefronts import Embedder, Product
from tests.channels_app import storefront, test_opening
from tests.stories import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def product(transactional_db: None, settings: Any) -> Iterator[Product]:
    connection.settings_dict["CONN_MAX_AGE"] = 0
    cast.sales()
    cast.library()
    running = Product()
    settings.PUBLIC_URL = running.url
    channel = storefront.open_shop()
    Channel.objects.filter(pk=channel.pk).update(allowed_origins=[running.url])
    running.start()
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=product.url, viewport={"width": 1280, "height": 850})
    yield made
    made.close()


@pytest.fixture
def shop(context: BrowserContext) -> Iterator[Page]:
    """The demo shop in a window; an error of a script or of the policy fails the test."""
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda line: broken.append(line.text) if "Security Policy" in line.text else None)
    page.goto("/demo/shop/")
    yield page
    assert not broken


@pytest.fixture
def embedder(product: Product) -> Iterator[Embedder]:
    site = Embedder(product.url)
    yield site
    site.stop()


def launcher(page: Page) -> Any:
    return page.locator("button[aria-expanded]")


def opened(page: Page) -> FrameLocator:
    launcher(page).click()
    chat = page.frame_locator("iframe")
    expect(chat.get_by_role("textbox")).to_be_visible()
    return chat


def write(chat: FrameLocator, text: str) -> None:
    chat.get_by_role("textbox").fill(text)
    chat.get_by_role("textbox").press("Enter")


def maya_stopped_on_whatsapp() -> None:
    person, phone = factories.maya()
    whatsapp = cast.Person(person, phone).on_whatsapp()
    whatsapp.says("hi from WhatsApp")
    whatsapp.taps("Ergo task chair")


def agent_says(text: str) -> None:
    """Ana answers where the customer is."""
    session = Session.objects.latest("pk")
    with transaction.atomic():
        conversation = threads.lock(conversation_id=session.conversation_id)
        words = {"content": Text(text), "author": Message.Author.AGENT, "agent_name": "Ana"}
        outbox.say(conversation=conversation, session=session, **words)  # type: ignore[arg-type]  # of several kinds


def test_a_journey_speaks_first_when_a_new_visitor_opens_the_chat_and_only_once(
    shop: Page, context: BrowserContext
) -> None:
    cast.publish(test_opening.HELLO.format(opening="true"))
    assert not Visit.objects.exists()
    chat = opened(shop)
    expect(chat.get_by_text("Hello! What are you looking for?")).to_be_visible(timeout=40_000)
    shop.reload()
    again, other = opened(shop), context.new_page()
    other.goto("/demo/shop/")
    for seen in (again, opened(other)):
        expect(seen.get_by_text("Hello! What are you looking for?")).to_have_count(1)
    write(again, "a chair")
    expect(again.get_by_text("Thank you.")).to_be_visible(timeout=40_000)
    assert JourneyRun.objects.count() == 1


def test_a_visitor_talks_with_the_bot_by_words_and_taps(shop: Page) -> None:
    chat = opened(shop)
    write(chat, "hi")
    chat.get_by_role("button", name="Mesh executive").click()
    expect(chat.get_by_text("your budget for the Mesh executive")).to_be_visible()
    for name in ("Ergo task chair", "Mesh executive", "Standing stool"):
        expect(chat.get_by_role("button", name=name)).to_be_disabled()
    expect(chat.get_by_role("img", name="Delivered").last).to_be_visible()


def test_maya_goes_on_where_she_stopped_on_whatsapp(shop: Page) -> None:
    maya_stopped_on_whatsapp()
    shop.click("text=Log in as Maya")
    chat = opened(shop)
    card = chat.get_by_role("region", name="Welcome back")
    expect(card).to_contain_text("We were choosing your budget for the Ergo task chair.")
    expect(card).to_contain_text("On WhatsApp, a moment ago")
    card.get_by_role("button", name="Continue").click()
    expect(chat.get_by_text("What is your budget for the Ergo task chair")).to_be_visible()
    expect(card).to_have_count(0)
    expect(chat.get_by_role("log")).not_to_contain_text("hi from WhatsApp")
    write(chat, "400")
    expect(chat.get_by_text("What matters most to you?")).to_be_visible()


@pytest.mark.scenario("ID-21")
def test_tom_and_a_visitor_see_nothing_of_maya(shop: Page) -> None:
    maya_stopped_on_whatsapp()
    shop.click("text=Log in as Tom")
    chat = opened(shop)
    expect(chat.get_by_text("Hello! How can we help?")).to_be_visible()
    write(chat, "my number is +46701740635")
    expect(chat.get_by_role("article").nth(1)).to_be_visible()
    expect(chat.get_by_role("log")).not_to_contain_text("Ergo task chair, in euros")
    expect(chat.get_by_role("region", name="Welcome back")).to_have_count(0)


@pytest.mark.scenario("T-20", "T-52")
def test_after_logout_the_chat_is_empty(shop: Page) -> None:
    shop.click("text=Log in as Maya")
    write(opened(shop), "my secret wish")
    expect(shop.frame_locator("iframe").get_by_role("img", name="Delivered")).to_be_visible()
    shop.click("text=Log out")
    chat = opened(shop)
    expect(chat.get_by_text("Hello! How can we help?")).to_be_visible()
    expect(chat.get_by_role("log")).not_to_contain_text("my secret wish")
    shop.go_back()
    assert "my secret wish" not in shop.content()


def test_what_is_written_offline_is_sent_once_after_a_reload(shop: Page, context: BrowserContext) -> None:
    chat = opened(shop)
    expect(chat.get_by_role("status").first).to_be_hidden()
    context.set_offline(True)
    expect(chat.get_by_text("You are offline.")).to_be_visible()
    write(chat, "written in a tunnel")
    expect(chat.get_by_role("img", name="Waiting to be sent")).to_be_visible()
    assert InboundEvent.objects.count() == 0
    context.set_offline(False)
    shop.reload()
    chat = opened(shop)
    expect(chat.get_by_role("img", name="Delivered")).to_be_visible()
    assert Message.objects.filter(author="customer").count() == 1


def test_without_sockets_it_works_over_http(context: BrowserContext, shop: Page) -> None:
    context.route_web_socket("**/socket", lambda socket: socket.close(code=1012))
    chat = opened(shop)
    write(chat, "hi")
    expect(chat.get_by_text("Which chair are you thinking of?")).to_be_visible(timeout=40_000)
    assert Message.objects.filter(author="customer").count() == 1


def test_an_answer_raises_the_badge_and_is_read_when_it_is_seen(shop: Page) -> None:
    chat = opened(shop)
    write(chat, "hi")
    expect(chat.get_by_text("Which chair")).to_be_visible()
    chat.get_by_role("textbox").press("Escape")
    expect(launcher(shop)).to_be_focused()
    agent_says("We have it in red.")
    expect(launcher(shop)).to_have_accessible_name("Chat with us, 1 unread")
    answer = Delivery.objects.get(message__author="agent")
    assert answer.state in ("sent", "delivered")
    launcher(shop).click()
    expect(chat.get_by_text("We have it in red.")).to_be_visible()
    expect(chat.get_by_text("Ana").first).to_be_visible()
    expect(launcher(shop)).to_have_accessible_name("Close chat")
    shop.wait_for_timeout(800)
    answer.refresh_from_db()
    assert answer.state == "read"


def test_the_answer_of_somebody_who_was_typing_is_scrolled_to(shop: Page) -> None:
    chat = opened(shop)
    write(chat, "hi")
    expect(chat.get_by_text("Which chair")).to_be_visible()
    agent_says("Many lines.\n" * 60)
    expect(chat.get_by_text("Many lines.")).to_be_in_viewport()
    session = Session.objects.latest("pk")
    told = {"what": "typing", "by": "agent", "name": "Ana", "session": str(session.public_id)}
    realtime.tell(f"typing:{session.conversation_id}", {"conversation": str(session.conversation.public_id), **told})
    expect(chat.get_by_text("Ana is typing")).to_be_attached()
    agent_says("We have it in red.")
    expect(chat.get_by_text("We have it in red.")).to_be_in_viewport()


@pytest.mark.scenario("T-1")
def test_markup_is_only_words(shop: Page) -> None:
    chat = opened(shop)
    markup = '<img src=x onerror="parent.hacked=1"><script>top.hacked=1</script>javascript:alert(1)'
    write(chat, markup)
    expect(chat.get_by_role("img", name="Delivered")).to_be_visible()
    agent_says(markup)
    expect(chat.get_by_text(markup)).to_have_count(2)
    assert chat.locator("article img, article script, article a").count() == 0
    assert shop.evaluate("window.hacked") is None


@pytest.mark.scenario("T-48")
def test_a_site_that_is_not_listed_cannot_frame_it(context: BrowserContext, embedder: Embedder) -> None:
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "frame-ancestors" in line.text else None)
    page.goto(embedder.url)
    launcher(page).click()
    page.wait_for_timeout(1500)
    assert refused and Visit.objects.count() == 0


@pytest.mark.scenario("T-49", "T-51")
def test_a_listed_site_with_hostile_styles_embeds_it(
    context: BrowserContext, embedder: Embedder, product: Product
) -> None:
    Channel.objects.update(allowed_origins=[embedder.url])
    page = context.new_page()
    page.goto(embedder.url)
    chat = opened(page)
    write(chat, "hi")
    expect(chat.get_by_text("Which chair are you thinking of?")).to_be_visible()
    assert page.evaluate("window.opened") is True
    assert page.evaluate("Object.keys(localStorage)") == ["throughline:web-shop:token"]
    page.reload()
    expect(opened(page).get_by_text("Which chair are you thinking of?")).to_be_visible()


@pytest.mark.scenario("T-49")
def test_a_message_from_the_wrong_window_is_not_heard(shop: Page) -> None:
    chat = opened(shop)
    expect(chat.get_by_text("Hello! How can we help?")).to_be_visible()
    before = shop.evaluate("localStorage.getItem('throughline:web-shop:token')")
    shop.evaluate("postMessage({throughline: 1, type: 'keep', key: 'token', value: 'stolen'}, '*')")
    shop.evaluate(
        """() => { const evil = document.body.appendChild(document.createElement('iframe'));
        evil.srcdoc = '<p>evil</p>'; evil.contentWindow.parent.postMessage({throughline: 1, type: 'close'}, '*') }"""
    )
    shop.wait_for_timeout(300)
    assert shop.evaluate("localStorage.getItem('throughline:web-shop:token')") == before
    expect(launcher(shop)).to_have_attribute("aria-expanded", "true")


def test_it_survives_a_page_that_swaps_its_body(shop: Page) -> None:
    chat = opened(shop)
    write(chat, "hi")
    shop.evaluate("document.body.replaceWith(document.createElement('body'))")
    expect(chat.get_by_text("Which chair are you thinking of?")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_meets_a_barrier(browser: Browser, product: Product, scheme: Any) -> None:
    made = browser.new_context(base_url=product.url, viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of the two schemes
    page = made.new_page()
    maya_stopped_on_whatsapp()
    page.goto("/demo/shop/")
    page.click("text=Log in as Maya")
    chat = opened(page)
    expect(chat.get_by_role("region", name="Welcome back")).to_be_visible()
    first = Axe().run(page)
    chat.get_by_role("button", name="Continue").click()
    write(chat, "400")
    expect(chat.get_by_text("What matters most")).to_be_visible()
    second = Axe().run(page)
    made.close()
    assert (first.violations_count, second.violations_count) == (0, 0), second.generate_report()
    assert Conversation.objects.count() == 1
