"""Does a translation that comes from a file change its own lines and no others?"""

from __future__ import annotations

from conversations.journeys import loader, translating

TEXT = """journey: j
title: Hello
languages: [en, es]
translations:
  es:
    # said by Ana
    title: Hola
    a.text: |
      Uno
      dos

    c.text: 'Tres'   # as on the poster
  de:
    title: Hallo
# the end
steps:
  - {id: a, type: message, text: One two}
  - {id: b, type: message, text: Two}
  - {id: c, type: end, text: Three}
"""


def written(**words: str) -> str:
    old = loader.load(TEXT).data["translations"]["es"]
    return translating.written(TEXT, "es", {**old, **{key.replace("_", "."): text for key, text in words.items()}})


def test_the_same_words_change_nothing() -> None:
    assert written() == TEXT


def test_a_changed_text_changes_its_own_line() -> None:
    assert written(title="Buenas") == TEXT.replace("title: Hola", 'title: "Buenas"')
    assert written(a_text="Uno") == TEXT.replace("a.text: |\n      Uno\n      dos\n", 'a.text: "Uno"\n')


def test_a_new_text_follows_its_neighbour() -> None:
    assert written(b_text="Dos") == TEXT.replace("      dos\n", '      dos\n    b.text: "Dos"\n')


def test_a_text_that_is_taken_away_takes_its_line_along() -> None:
    assert written(title="") == TEXT.replace("    title: Hola\n", "")


def test_what_is_written_in_one_line_is_written_anew() -> None:
    text = TEXT[: TEXT.index("translations")] + "translations: {es: {title: Hola}}\n" + TEXT[TEXT.index("steps") :]
    found = translating.written(text, "es", {"title": "Buenas"})
    assert loader.load(found).data["translations"] == {"es": {"title": "Buenas"}}
