"""Where do files of tests lie? In a folder that goes with the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """The storage of this test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"
