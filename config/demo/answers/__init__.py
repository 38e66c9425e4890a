"""What does the demo's bot know without a journey? A dozen articles of the shop, in English and Spanish."""

from __future__ import annotations

from pathlib import Path

from conversations.answers import articles, files, importing
from conversations.models import Article

FOLDER = Path(__file__).parent


def seed() -> None:
    """Publishes the articles that are not there; what an editor made of one stays."""
    known = set(Article.objects.values_list("key", "language"))
    fresh = [(name, content) for name, content in files.from_path(FOLDER) if _named(name) not in known]
    if fresh:
        report = importing.run(fresh)
        assert not report.troubles, report.troubles


def purge() -> None:
    """Removes the demo's articles, and none of anybody else's."""
    named = {_named(str(path.relative_to(FOLDER))) for path in FOLDER.rglob("*.md")}
    rows = Article.objects.defer("search", "words").filter(key__in=[key for key, _ in named])
    articles.remove([row for row in rows if (row.key, row.language) in named])


def _named(name: str) -> tuple[str, str]:
    """Key and language by `<language>/<key>.md`."""
    path = Path(name)
    return path.stem, path.parent.name
