"""Do the texts about codes and links cost one SMS, and do they still say who asks?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from channels_app import letters
from channels_app.models import Channel
from common import segments
from customers.models import Challenge
from tests.channels_app import switches
from tests.channels_app.switches import Spot, code_from, on
from tests.stories import cast

pytestmark = pytest.mark.django_db


def cost(text: str) -> tuple[str, int]:
    found = segments.of(text)
    return found.encoding, found.count


@pytest.mark.parametrize("title", ["Nordic Chairs shop", "N" * 30, "N" * 70])
def test_a_code_by_sms_is_one_part_and_names_the_chat(title: str) -> None:
    Channel.objects.create(key="web-shop", kind="web", title=title)
    row = Challenge(opener_channel="web-shop", created_at=datetime.now(UTC))
    said = letters._words(SimpleNamespace(kind="sms", channel="s"), row, "482913")  # type: ignore[arg-type]  # a task's kind is all it needs
    assert said is not None and "482913" in said.plain_text() and title in said.plain_text()
    assert cost(said.plain_text()) == ("GSM-7", 1)


def test_a_code_for_a_chat_in_another_alphabet_is_as_short_as_it_can_be() -> None:
    Channel.objects.create(key="web-shop", kind="web", title="Стулья")
    row = Challenge(opener_channel="web-shop", created_at=datetime.now(UTC))
    said = letters._words(SimpleNamespace(kind="sms", channel="s"), row, "482913")  # type: ignore[arg-type]  # as above
    assert said is not None and cost(said.plain_text()) == ("UCS-2", 1)


@pytest.fixture
def sms() -> Spot:
    switches.connect()
    cast.sales()
    cast.library()
    return on("sms", "+46701740635", "Maya Lindqvist", namespace="phone", proof="imported")


def test_the_question_of_a_link_by_sms_is_one_part_at_either_side(sms: Spot) -> None:
    phone = on("telegram", "5812004417", "Bo Ek")
    (asked,) = sms.says("hi", code=code_from(phone, "sms-demo"))
    assert re.search(r"answer \d{6}", asked) and cost(asked) == ("GSM-7", 1)
    phone.news()
    phone.says("/start", code=code_from(sms))
    asked = sms.news()[-1]
    assert "Telegram (B* E*, 581*17) has used your link" in asked and cost(asked) == ("GSM-7", 1)
