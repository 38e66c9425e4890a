"""Is the widget small? What a page loads at once, and what it loads when somebody opens the chat."""

from __future__ import annotations

import gzip
from pathlib import Path

from django.conf import settings
from django.test import Client

STATIC = Path(settings.BASE_DIR) / "static"


def test_the_loader_fits_in_3_kb_and_is_not_sent_twice() -> None:
    answer = Client().get("/widget.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert len(gzip.compress(answer.content, 9)) <= 3 * 1024
    again = Client().get("/widget.js", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_the_app_fits_in_45_kb() -> None:
    names = [*STATIC.glob("widget/app/*.js"), *STATIC.glob("widget/vendor/*.js"), STATIC / "widget/app.css"]
    sizes = [len(gzip.compress(path.read_bytes(), 9)) for path in [*names, STATIC / "css/tokens.css"]]
    assert len(sizes) > 10 and sum(sizes) <= 45 * 1024
