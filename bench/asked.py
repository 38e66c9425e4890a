"""How long do questions take among articles that are made here? Prints JSON; `bench.knowledge` gives the database."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench.lookups import on_cpu
from bench.rig import percentile

CONSONANTS, VOWELS = "bcdfghklmnprstvwz", "aeiou"
WORDS = 10_000
FILLING = ("how do I", "what about the", "is there a", "can you tell me about")
BARE = """
SELECT id, title, ts_rank_cd(search, query, 32) AS rank FROM conversations_article,
websearch_to_tsquery('english', %s) AS query
WHERE search @@ query AND state = 'published' AND language = 'en' ORDER BY rank DESC LIMIT 3
"""


def run(count: int, tries: int) -> dict[str, Any]:
    """Writes the articles, then asks; every question is asked once, so that nothing is remembered of it."""
    import django

    django.setup()
    from django.db import connection

    chance = random.Random(11)
    words = sorted(set(_words(chance)))
    began = time.perf_counter()
    titles = _write(count, words, chance)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE conversations_article")
    took = time.perf_counter() - began
    questions = _questions(titles, words, tries, chance)
    return {"written_in_s": round(took, 1), "vocabulary": _first_time(), **_asked(questions)}


def _words(chance: random.Random) -> Iterator[str]:
    for _ in range(WORDS):
        yield "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(chance.randint(2, 5)))


def _pick(words: list[str], chance: random.Random, many: int) -> list[str]:
    """Few words are frequent, most are rare, as in any language."""
    return [words[int(len(words) * chance.random() ** 3)] for _ in range(many)]


def _write(count: int, words: list[str], chance: random.Random) -> list[str]:
    from common import clock
    from conversations.answers import articles
    from conversations.models import Article

    rows = [
        Article(
            key=f"article-{number}",
            language="en",
            title=" ".join(_pick(words, chance, 4)),
            aliases=[" ".join(_pick(words, chance, 3))],
            body=" ".join(_pick(words, chance, 90)),
            updated_at=clock.now(),
        )
        for number in range(count)
    ]
    articles.publish(Article.objects.bulk_create(rows, batch_size=1000))
    return [row.title for row in rows]


def _questions(titles: list[str], words: list[str], tries: int, chance: random.Random) -> dict[str, list[str]]:
    """All of an article's words; two of them among others; each word misspelt; nothing of ours."""
    chosen = [chance.choice(titles).split() for _ in range(tries)]
    others = [_pick(words, chance, 3) for _ in chosen]
    return {
        "all_words": [f"{chance.choice(FILLING)} {' '.join(title)}?" for title in chosen],
        "some_words": [" ".join([*title[:2], *other]) for title, other in zip(chosen, others, strict=True)],
        "typos": [" ".join(_misspelt(word, chance) for word in title) for title in chosen],
        "nothing": [" ".join(f"{word}xq{chance.randint(0, 999)}" for word in other) for other in others],
    }


def _misspelt(word: str, chance: random.Random) -> str:
    """Two letters changed places."""
    at = chance.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _first_time() -> dict[str, float]:
    """What the first question after a publication pays for in each process."""
    from conversations.answers import vocabulary

    began = time.perf_counter()
    known = vocabulary.of("en")
    return {"words": len(known.documents), "read_in_ms": round((time.perf_counter() - began) * 1000, 1)}


def _asked(questions: dict[str, list[str]]) -> dict[str, Any]:
    import psycopg
    from django.db import connection

    from conversations import knowledge

    link = psycopg.Connection.connect(connection.connection.info.dsn, autocommit=True)
    ours: dict[str, list[float]] = {name: [] for name in questions}
    bare: list[float] = []
    decided: dict[str, dict[str, int]] = {name: {} for name in questions}
    backend, python = on_cpu(connection.connection.info.backend_pid), time.thread_time()
    spent = 0.0
    for name, asked in questions.items():
        for text in asked:
            took, found = _timed(partial(knowledge.find, text, languages=("en",)))
            ours[name].append(took)
            decided[name][found.decision] = decided[name].get(found.decision, 0) + 1
            before = time.thread_time()
            bare.append(_timed(partial(_bare, link, text))[0])
            spent += time.thread_time() - before
    everything = [took for one in ours.values() for took in one]
    cpu = on_cpu(connection.connection.info.backend_pid) - backend + time.thread_time() - python - spent
    return {
        "ours": {**_figures(everything), "cpu_ms": round(cpu / len(everything) * 1000, 3)},
        "bare": _figures(bare),
        "kinds": {name: {**_figures(ours[name]), **decided[name]} for name in questions},
    }


def _bare(link: Any, text: str) -> Any:
    return link.execute(BARE, [text], prepare=True).fetchall()


def _timed(ask: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = ask()
    return (time.perf_counter() - began) * 1000, found


def _figures(took: list[float]) -> dict[str, float]:
    return {f"p{share}_ms": round(percentile(took, share / 100), 3) for share in (50, 95, 99)}


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:]))))
