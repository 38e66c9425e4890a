"""An older language is read in today's words, one version after the other."""

from __future__ import annotations

from typing import Any

import pytest

from conversations.journeys import definition, upgrades
from conversations.journeys.upgrades import upgraded

OLD = {"steps": [{"id": "a", "type": "say"}]}


def upgrade_1(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "steps": [{**step, "type": "message"} for step in data["steps"]]}


def upgrade_2(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "title": "Untitled"}


PRETENDED = {1: upgrade_1, 2: upgrade_2}


def test_each_version_on_the_way_is_upgraded_in_order() -> None:
    found = upgraded(OLD, written=1, wanted=3, upgrades=PRETENDED)
    assert found == {"steps": [{"id": "a", "type": "message"}], "title": "Untitled"}
    assert OLD == {"steps": [{"id": "a", "type": "say"}]}


def test_what_was_written_later_skips_the_earlier_steps() -> None:
    assert upgraded(OLD, written=2, wanted=3, upgrades=PRETENDED) == {**OLD, "title": "Untitled"}


def test_todays_language_is_read_as_it_is() -> None:
    assert upgraded(OLD, written=definition.SCHEMA_VERSION) is OLD


def test_every_older_version_has_its_upgrade() -> None:
    assert sorted(upgrades.UPGRADES) == list(range(1, definition.SCHEMA_VERSION))
    with pytest.raises(KeyError):
        upgraded(OLD, written=1, wanted=2, upgrades={})
