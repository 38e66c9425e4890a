"""Which scenarios of the design has a test, and are the ids real ones?"""

from __future__ import annotations

import re

import pytest

from tests.house import reference

ID = re.compile(r"^(?P<family>(T-P|T|ID-I|ID|J|HO-I|HO|P))-?(?P<number>[1-9]\d*)$")


def is_known(name: str) -> bool:
    if name in reference.SINGLES:
        return True
    found = ID.match(name)
    return bool(found) and int(found["number"]) <= reference.FAMILIES[found["family"]]


@pytest.mark.parametrize("name", ["T-1", "T-P18", "HO-I14", "ID-100", "J-57", "HO-P"])
def test_an_id_of_the_design_is_known(name: str) -> None:
    assert is_known(name)


@pytest.mark.parametrize("name", ["T-0", "T-102", "T-P19", "X-1", "T1x", "J-58", "t-1", "", "T-01"])
def test_an_invented_id_is_not(name: str) -> None:
    assert not is_known(name)


def test_every_id_that_a_test_carries_is_known() -> None:
    assert sorted(name for name in reference.proven() if not is_known(name)) == []


@pytest.mark.parametrize("family", ["ID", "ID-I", "J", "HO", "HO-I"])
def test_every_scenario_and_invariant_of_identity_journeys_and_handover_has_a_test(family: str) -> None:
    wanted = {f"{family}{'' if family.endswith('-I') else '-'}{n}" for n in range(1, reference.FAMILIES[family] + 1)}
    assert sorted(wanted - set(reference.proven())) == []


def test_the_table_of_scenarios_is_up_to_date() -> None:
    committed = (reference.PAGES / "scenarios.md").read_text()
    assert committed == reference.scenarios(), "run ./bin/reference"


def test_a_marker_on_a_parameter_counts() -> None:
    assert any(test.endswith("test_the_marker_of_this_parameter_is_found") for test in reference.proven()["T-101"])


@pytest.mark.parametrize("marker", [pytest.param("T-101", marks=pytest.mark.scenario("T-101"))])
def test_the_marker_of_this_parameter_is_found(marker: str) -> None:
    assert marker in reference.proven()
