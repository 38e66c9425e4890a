"""Do the pages on connecting a channel speak of the form that there is?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from channels_app import registry
from channels_app.channel_labels import label

KINDS = [kind for kind in registry.kinds() if kind != "web"]
FIELD = re.compile(r"^   \| \*(.+?)\* \|", re.MULTILINE)


def page(kind: str) -> str:
    return (Path(settings.BASE_DIR) / f"docs/how-to/connect-{kind}.md").read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_a_page_names_is_in_the_form(kind: str) -> None:
    adapter = registry.adapter(kind)
    named = set(FIELD.findall(page(kind)))
    assert named and named <= {label(name) for name in (*adapter.settings, *adapter.secrets)}
    assert {label(name) for name in (*adapter.required_settings, *adapter.required_secrets)} <= named


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_asks_for_json_or_for_a_previous_secret(kind: str) -> None:
    assert not any(word in page(kind) for word in ("*config*", "credentials*", "_previous", '{"'))
