"""Does each provider's word on the sender's language arrive, and does nothing odd in its place?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels_app import ingest
from channels_app.adapters.discord import interactions
from channels_app.adapters.telegram import incoming
from channels_app.registry import Account, Inbound
from conversations import speaking
from customers import attributes
from customers.models import Observation
from tests.channels_app import storefront
from tests.channels_app.adapting import PAYLOADS
from tests.channels_app.storefront import Browser
from tests.stories import cast

ODD: list[Any] = [None, 7, 10**29, True, ["es"], {"es": "es"}, "", "\0", "x" * 100_000, "\ud800", "es\n", "<b>es</b>"]
USER = {"id": "80351110224678912", "username": "maya", "global_name": "Maya", "bot": False}


def telegram(code: Any, **more: Any) -> Inbound:
    sender = {"id": 5001, "is_bot": False, "first_name": "Maya", "language_code": code}
    message = {"message_id": 7, "date": 1700000000, "chat": {"id": 5001, "type": "private"}, "from": sender}
    update: dict[str, Any] = {"update_id": 1, **(more or {"message": message | {"text": "hi"}})}
    if more:
        update["callback_query"] |= {"from": sender, "message": message}
    found = incoming.parse(json.dumps(update))[0]
    assert isinstance(found, Inbound)
    return found


def discord(locale: Any) -> Inbound:
    data = {"name": "chair", "options": []}
    said = {"id": "1124058399145246721", "type": 2, "user": USER, "locale": locale, "context": 1, "data": data}
    found = interactions.read(said, Account(key="discord-demo"))
    assert isinstance(found, Inbound)
    return found


def test_telegrams_language_code_comes_with_words_and_taps() -> None:
    assert telegram("es").language == "es" and telegram("pt-br").language == "pt-br"
    assert telegram("de", callback_query={"id": "c1", "data": "1:2:yes", "chat_instance": "x"}).language == "de"


def test_discords_locale_comes_with_a_command() -> None:
    assert discord("es-ES").language == "es-ES"


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_language_is_none(odd: Any) -> None:
    for found in (telegram(odd), discord(odd)):
        assert isinstance(found.language, str) and len(found.language) <= 35
        assert speaking.accepted(found.language) in ("", "es")


@pytest.mark.skipif(not PAYLOADS.exists(), reason="the payload corpus is not here (PAYLOADS_DIR)")
def test_a_language_in_any_message_of_the_corpus_is_heard() -> None:
    heard = []
    for path in sorted((PAYLOADS / "telegram").glob("*.json")):
        update = json.loads(path.read_text())
        message = update.get("message", update) if isinstance(update, dict) else {}
        if isinstance(message, dict) and not message.get("sender_chat"):
            message["from"] = {"id": 5001, **(message.get("from") or {}), "language_code": "es"}
            heard += [one.language for one in incoming.parse(json.dumps(update)) if isinstance(one, Inbound)]
    assert len(heard) > 10 and set(heard) == {"es"}


@pytest.mark.django_db(transaction=True)
def test_a_browsers_language_is_spoken_until_words_tell_another() -> None:
    storefront.open_shop()
    cast.sales(), cast.library()
    browser = Browser()
    browser.visit()
    browser.say("?", **{"Accept-Language": "es-ES,es;q=0.9,en;q=0.8"})
    ingest.drain()
    row = Observation.objects.get(key="language")
    assert (row.source, row.value) == ("inferred:profile", "es")
    browser.say("where is my order?", **{"Accept-Language": "es-ES,es;q=0.9"})
    ingest.drain()
    assert attributes.values(row.customer.root_id)["language"] == "en"
