"""Does the inbox speak Spanish, whole, and English to everybody else?"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.utils.translation import override

from config import wording
from customers import pages_words
from customers.models import Identity
from handover import desk as verbs
from handover.filters import Filter
from handover.inbox import filtering, phrases
from handover.models import Agent, Queue
from tests import factories as make
from tests.handover.inbox.cast import client_of
from tests.handover.inbox.conftest import ana, desk, fresh_loops, sales
from tests.handover.inbox.test_actions import act

__all__ = ["ana", "desk", "fresh_loops", "sales"]

TEMPLATES = [*Path("templates/inbox").glob("*.html"), Path("templates/registration/login.html")]
SCRIPTS = Path("static/inbox/js")
SAID = re.compile(r"{%\s*blocktrans.*?{%\s*endblocktrans\s*%}|{%.*?%}|{#.*?#}|{{.*?}}", re.S)
TOLD = re.compile(r"""(?:toast\(|textContent[:=] ?|ariaLabel: |placeholder = |title = )(?:"|`)[A-Z][a-z]""")

# How a sentence begins that says *usted* to its reader; the catalogue is for agents, whom the desk calls *tú*.
FORMAL = "Abra Añada Borre Busque Compruebe Copie Deje Diga Elija Empiece Escriba Espere Guarde Haga Inténtelo Mire"
FORMAL += " Pida Ponga Pruebe Pulse Quite Responda Revise Seleccione Use Vea Vuelva"


def bare_words(source: str) -> list[str]:
    """Words of a template that no reader of another language could read."""
    text = re.sub(r"<(script|style|svg|kbd)\b.*?</\1>", "", SAID.sub("\0", source), flags=re.S)
    named = re.findall(r'\b(?:title|aria-label|placeholder|alt)="([^"]*)"', text)
    between = re.split(r"[\0\1]", re.sub(r"<[^<>]*>", "\1", text))
    known = {"Throughline", "WhatsApp", "UTC", "Refund", "your city"}
    return [one for one in (*named, *between) if set(re.findall(r"[A-Za-z]{3,}", one)) - known]


def test_every_word_has_its_spanish() -> None:
    assert wording.missing("es") == []


def test_what_is_compiled_is_what_is_written() -> None:
    assert wording.catalogue("es").with_suffix(".mo").read_bytes() == wording.compiled("es")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_a_word_that_cannot_be_translated(path: Path) -> None:
    found = [one for one in bare_words(path.read_text()) if "|default(" not in one]
    assert found == []


def test_no_script_says_a_word_of_its_own() -> None:
    found = [path.name for path in SCRIPTS.glob("*.js") if TOLD.search(path.read_text())]
    assert found == []


def test_the_finder_of_bare_words_finds_them() -> None:
    assert bare_words('<p title="Hello there">{% trans "Good" %} Morning</p>') == ["Hello there", " Morning"]


@pytest.mark.parametrize(
    "call", sorted({*re.findall(r'say\(\s*"(\w+)"', "".join(p.read_text() for p in SCRIPTS.glob("*.js")))})
)
def test_scripts_say_only_what_they_were_given(call: str) -> None:
    assert call in phrases.sayings()


def test_scripts_are_given_the_words_of_the_reader() -> None:
    with override("es"):
        spanish = phrases.sayings()
    english = phrases.sayings()
    alike = {key for key in english if english[key] == spanish[key]}
    assert (spanish["today"], english["today"]) == ("Hoy", "Today")
    assert alike <= {"emoji", "hours", "minutes"}


@pytest.mark.django_db
def test_a_desk_in_spanish_is_spanish(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    Agent.objects.filter(pk=ana.pk).update(language="es")
    page = desk.get(f"/inbox/c/{conversation.public_id}/").content.decode()
    assert '<html lang="es" dir="ltr"' in page
    assert "Tomarla" in page and "Take it" not in page


@pytest.mark.django_db
def test_what_is_closed_is_one_or_many_and_open_is_no_verb(desk: Client, ana: Agent, sales: Queue) -> None:
    conversation = make.give(make.waiting_in(sales), ana)
    verbs.close(conversation_id=conversation.pk, agent=ana)
    Agent.objects.filter(pk=ana.pk).update(language="es")
    page = desk.get(f"/inbox/c/{conversation.public_id}/").content.decode()
    assert re.search(r'class="head-owner"[^>]*>Cerrada<', page)
    assert re.search(r'class="view-title"[^>]*>Cerradas<', page)
    with override("es"):
        states = next(control for control in filtering.menu(Filter(), []) if control.name == "state")
    assert [title for _, title in states.options] == ["Abiertas", "Aparcadas", "Cerradas", "En cualquier estado"]


@pytest.mark.django_db
def test_a_desk_in_english_is_english_whatever_the_browser_asks_for(desk: Client, sales: Queue) -> None:
    conversation = make.waiting_in(sales)
    page = desk.get(f"/inbox/c/{conversation.public_id}/", headers={"Accept-Language": "es"}).content.decode()
    assert '<html lang="en" dir="ltr"' in page and "Take it" in page


@pytest.mark.django_db
def test_the_login_speaks_the_language_of_the_browser_and_nothing_beyond_the_inbox_does() -> None:
    spanish = {"Accept-Language": "es-MX,es;q=0.9"}
    assert "Entrar en la bandeja" in Client().get("/inbox/login", headers=spanish).content.decode()
    assert "Log in to the inbox" in Client().get("/inbox/login").content.decode()
    assert 'lang="en"' in Client().get("/admin/login/", headers=spanish).content.decode()


@pytest.mark.django_db
def test_an_agent_chooses_the_language_and_what_rings(ana: Agent) -> None:
    client = client_of(ana)
    answer = client.post("/inbox/settings", {"language": "es", "sounds": "1"}, headers={"Accept": "application/json"})
    ana.refresh_from_db()
    assert answer.json() == {"reload": True}
    assert (ana.language, ana.hears_sounds, ana.sees_notifications) == ("es", True, False)


@pytest.mark.django_db
def test_a_language_that_there_is_not_is_refused(ana: Agent) -> None:
    assert client_of(ana).post("/inbox/settings", {"language": "tlh"}).status_code == 400
    ana.refresh_from_db()
    assert ana.language == "en"


@pytest.mark.django_db
def test_a_refusal_is_told_in_the_language_of_the_agent(ana: Agent, sales: Queue) -> None:
    hers = make.give(make.waiting_in(sales), ana)
    Agent.objects.filter(pk=ana.pk).update(language="es")
    answer = act(client_of(ana), hers, "assign", to=f"queue:{sales.key}")
    assert answer.json()["title"] == "Di en una nota por qué y qué queda por hacer."


def test_spanish_is_familiar_with_agents_throughout() -> None:
    formal = re.compile(rf"(?:^|[.:;?!…] )(?:{'|'.join(FORMAL.split())})\b|\b[Uu]sted(?:es)?\b")
    catalogue = polib.pofile(str(wording.catalogue("es")))
    said = [text for one in catalogue for text in (one.msgstr, *one.msgstr_plural.values())]
    assert [text for text in said if formal.search(text)] == []


def test_titles_of_refusals_are_found_however_they_are_written() -> None:
    words, _pairs = wording.said()
    assert "Please log in again." in words  # title = "..."
    assert "Somebody else has this conversation already." in words  # code, title, status = ...
    assert "text: a note has words" in words  # raise BadForm("...")


def test_what_is_known_of_a_person_is_said_in_the_language_of_the_reader() -> None:
    at = datetime(2026, 5, 3, tzinfo=UTC)
    home = Identity(namespace="phone", raw="+46701740601", proof="provider", proven_at=at)
    now = at + timedelta(days=2)
    assert pages_words.proof(home, now)[1].startswith("proven by WhatsApp on 3 May")
    with override("es"):
        assert pages_words.proof(home, now)[1].startswith("demostrado por WhatsApp el 3 de mayo")
        assert pages_words.source("agent") == "un agente" and pages_words.rule("by_hand") == "unidos a mano"


@pytest.mark.django_db
def test_the_board_names_a_strategy_in_the_language_of_the_reader(sales: Queue) -> None:
    Queue.objects.filter(pk=sales.pk).update(strategy="least_busy")
    chloe = make.agent("Chloe Martin", supervises=(sales,))
    Agent.objects.filter(pk=chloe.pk).update(language="es")
    page = client_of(chloe).get("/inbox/board/").content.decode()
    assert "Menos ocupado" in page and "Least busy" not in page
