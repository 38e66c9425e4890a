"""How do the servers of these figures begin? With a copy of a database that is made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import begun_with


@pytest.fixture(scope="package", autouse=True)
def copied(cluster: Path) -> Iterator[None]:
    with begun_with(cluster):
        yield
