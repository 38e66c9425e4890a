"""What do all stories begin with? A sales queue, and the journeys of the library."""

from __future__ import annotations

import pytest

from handover.models import Queue
from tests.stories import cast


@pytest.fixture
def sales(db: None) -> Queue:
    queue = cast.sales()
    cast.library()
    return queue
