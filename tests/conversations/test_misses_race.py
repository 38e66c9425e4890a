"""Does a question stay that somebody asks while the last one who had asked it is erased?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from conversations.answers import held, misses
from conversations.journeys.scene import Scene
from conversations.models import Miss, Session
from tests.stories import cast

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = "do you sell purple elephants"


def elsewhere(call: Callable[[], object], is_asked: Event, may_end: Event) -> None:
    """What another connection does in a transaction that stays open until it may end."""
    try:
        with transaction.atomic():
            call()
            is_asked.set()
            may_end.wait(40)
    finally:
        is_asked.set()
        connection.close()


def test_who_asks_during_an_erasure_keeps_the_question() -> None:
    phone = cast.maya().on_whatsapp()
    phone.says("hello")
    session = Session.objects.get()
    scene = Scene(session.conversation, session, session.identity.customer)
    known = misses.note(scene=scene, text=ASKED, language="en")
    assert known is not None
    Miss.objects.get(pk=known.pk).askings.all().delete()
    is_asked, may_end = Event(), Event()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(elsewhere, lambda: misses.note(scene=scene, text=ASKED, language="en"), is_asked, may_end)
        is_asked.wait(40)
        held.drop_unasked()
        may_end.set()
        done.result(20)
    assert [row.askings.count() for row in Miss.objects.all()] == [1]
    Miss.objects.get().askings.all().delete()
    held.drop_unasked()
    assert not Miss.objects.exists()
