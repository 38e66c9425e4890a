"""Is everything that was written found, by whoever may see it, and nothing that was taken back or erased?"""

from __future__ import annotations

import pytest
from django.db import connection

from common import clock
from conversations import amendments, words
from conversations.content import Text
from conversations.models import Conversation, Message, SearchProgress, SearchWords
from conversations.words import gathering, lexemes
from customers import privacy_erasing
from customers.models import Customer
from tests import factories as make


def said(text: str, number: str = "46701740635") -> Message:
    """What a customer of their own writes."""
    person = make.customer()
    return make.receive(make.whatsapp(make.phone(person, number)), text).message


def found(text: str, **narrowed: object) -> list[int]:
    """The conversations, in the order of the answer."""
    hits = words.find(asked=words.wanted(text), among=Conversation.objects.filter(**narrowed), limit=10).hits
    return [hit.conversation_id for hit in hits]


def test_words_have_neither_case_nor_marks() -> None:
    assert lexemes.of("Señor CAFÉ, señor!") == ["senor", "cafe"]


def test_a_script_without_spaces_is_cut_into_neighbours() -> None:
    assert lexemes.of("返品したい") == ["返品", "品し", "した", "たい"]


@pytest.mark.parametrize(
    ("text", "query"),
    [("refund chai", "'refund' & 'chai':*"), ("refund ", "'refund'"), ("'); drop--", "'drop'"), ("...", "")],
)
def test_a_search_asks_for_every_word_and_the_last_may_be_a_beginning(text: str, query: str) -> None:
    assert words.wanted(text).query() == query


@pytest.mark.scenario("T-40")
def test_no_search_takes_long_to_read() -> None:
    asked = words.wanted("(a+)+$" * 50_000)
    assert len(asked.words) <= lexemes.TERMS
    assert len(lexemes.snippet("a " * 2000 + "needle", words.wanted("needle"))) == 3


def test_a_snippet_marks_what_was_found_in_its_surroundings() -> None:
    text = "word " * 60 + "the blue Chair is broken " + "word " * 60
    pieces = words.snippet(text, words.wanted("chai"))
    assert [piece.text for piece in pieces if piece.is_hit] == ["Chair"]
    assert pieces[0].text.startswith("…") and pieces[-1].text.endswith("…")
    assert len("".join(piece.text for piece in pieces)) < 200


@pytest.mark.django_db
def test_what_was_written_is_found_after_it_was_gathered() -> None:
    message = said("My blue chair is broken")
    assert found("chair") == []
    assert words.gather() == 1
    assert found("CHAIR blu") == [message.session.conversation_id]
    assert found("chair green") == []


@pytest.mark.django_db
def test_the_newest_match_stands_first_and_pages_go_on_behind_it() -> None:
    conversations = [said("a chair", f"4670174063{n}").session.conversation_id for n in range(3)]
    words.gather()
    first = words.find(asked=words.wanted("chair"), among=Conversation.objects.all(), limit=2).hits
    cursor = (first[-1].placed_at, first[-1].conversation_id)
    rest = words.find(asked=words.wanted("chair"), among=Conversation.objects.all(), limit=2, before=cursor).hits
    assert [hit.conversation_id for hit in (*first, *rest)] == conversations[::-1]


@pytest.mark.django_db
def test_what_may_not_be_seen_is_not_found() -> None:
    message = said("My blue chair")
    words.gather()
    assert found("chair", state="open") == [message.session.conversation_id]
    assert found("chair", state="closed") == []


@pytest.mark.django_db
def test_an_old_word_is_found_behind_many_newer_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    message = said("the needle")
    words.gather()
    SearchWords.objects.create(
        kind="m", object_id=10**8, conversation_id=1, customer_id=1, said_at=clock.now(), words=""
    )
    monkeypatch.setattr(words.finding, "RECENT", words.finding.RECENT.replace("LIMIT 4000", "LIMIT 1"))
    assert found("needle") == [message.session.conversation_id]


@pytest.mark.django_db
@pytest.mark.parametrize("dearer", [words.finding.DEARER, 0], ids=["index", "read"])
def test_a_beginning_of_very_many_words_finds_the_same_by_the_index_and_by_reading(
    monkeypatch: pytest.MonkeyPatch, dearer: int
) -> None:
    wanted = said("the needle in the haystack").session.conversation_id
    said("a needle and a thread", "46701740632")
    said("another haystack", "46701740633")
    words.gather()
    monkeypatch.setattr(words.finding, "RECENT", words.finding.RECENT.replace("LIMIT 4000", "LIMIT 1"))
    monkeypatch.setattr(words.finding, "DEARER", dearer)
    asked: list[str] = []
    with connection.execute_wrapper(lambda run, sql, *rest: (asked.append(sql), run(sql, *rest))[1]):
        assert found("needle hay") == [wanted]
    assert any("ts_match_vq" in sql for sql in asked) is (dearer == 0)


@pytest.mark.django_db
def test_an_edited_message_is_found_by_its_new_words_only() -> None:
    message = said("My blue chair")
    words.gather()
    amendments.edit(message=message, content=Text("My green sofa"), occurred_at=clock.now())
    assert found("sofa") == [message.session.conversation_id]
    assert found("chair") == []


@pytest.mark.django_db
def test_a_message_taken_back_is_not_found_even_if_it_is_gathered_late() -> None:
    message = said("My blue chair")
    amendments.remove(message=message, occurred_at=clock.now())
    words.gather()
    assert found("chair") == found("removed") == []


@pytest.mark.scenario("T-98")
@pytest.mark.django_db(transaction=True)
def test_a_crash_empties_the_search_which_says_so_and_is_complete_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "BEHIND", 1)
    monkeypatch.setattr(gathering, "CHUNK", 2)
    conversations = {said("a chair", f"4670174063{n}").session.conversation_id for n in range(5)}
    words.gather()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE conversations_searchwords, conversations_searchprogress")
    assert not words.standing().is_complete
    assert said("still heard", "46701740639").pk
    words.gather()
    assert words.standing() == words.Standing(is_complete=True, share=1.0)
    assert set(found("chair")) == conversations


@pytest.mark.scenario("T-98")
@pytest.mark.django_db
def test_the_words_stand_in_no_log_and_in_no_statistics() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname LIKE 'conversations_search%' AND relkind='r'")
        assert cursor.fetchall() == [("u",), ("u",)]
        cursor.execute("SELECT attstattarget FROM pg_attribute WHERE attname = 'words' AND attstattarget = 0")
        assert cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_a_message_that_commits_late_is_not_passed_over() -> None:
    said("the first")
    words.gather()
    hidden = said("a late chair", "46701740632")
    SearchWords.objects.all().delete()
    SearchProgress.objects.update(candidate=hidden.pk, candidate_xid=2**60)  # somebody still writes
    words.gather()
    assert SearchProgress.objects.get(kind="m").upto < hidden.pk
    assert found("chair") == [hidden.session.conversation_id]


@pytest.mark.django_db
def test_an_erased_person_leaves_no_word() -> None:
    message = said("My blue chair")
    words.gather()
    person = Customer.objects.get(pk=message.customer_id)
    made = privacy_erasing.erase(customer=person, actor="user:1", reason="asked", request_id="1")
    while not privacy_erasing.go_on(made.pk):
        pass
    words.gather()
    assert not SearchWords.objects.exists()
