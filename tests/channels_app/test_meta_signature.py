"""Does an account of Meta's speak for itself, and for no other one behind the same address?"""

from __future__ import annotations

import pytest

from channels_app.registry import Account, Adapter, BadSignature
from tests.channels_app import meta
from tests.channels_app.meta import ACCOUNT, INSTAGRAM, MESSENGER, PAGE


@pytest.mark.scenario("T-33")
@pytest.mark.parametrize(("adapter", "kind"), [(MESSENGER, "page"), (INSTAGRAM, "instagram")])
def test_a_page_does_not_speak_for_another_one(adapter: Adapter, kind: str) -> None:
    stranger = Account(key="stranger", account="222", config={"app": "demo"}, credentials={"app_secret": "another"})
    body = meta.envelope(meta.message(), kind=kind)
    with pytest.raises(BadSignature):
        adapter.verify(meta.request(body, "another"), [stranger, ACCOUNT])
    assert adapter.verify(meta.request(body), [stranger, ACCOUNT]).events[0].account == PAGE
