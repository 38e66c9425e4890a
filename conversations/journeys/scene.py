"""Where does the bot speak in this turn, who listens, and what may be known there?"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings

from common import clock
from conversations import events, outbox, sql
from conversations.content import Choice, Content, Option, Text
from conversations.journeys import publishing
from conversations.journeys.commands import PREFIX
from conversations.journeys.sentences import sentence
from conversations.journeys.state import Assurance, Context, place
from conversations.journeys.walk import MAX_MESSAGES
from conversations.models import Conversation, JourneyRun, Message, Session
from customers import identity, phones
from customers.models import Customer, Identity

MOVES = 50  # of journeys in one turn: begun, ended, gone on
PER_WINDOW = settings.BOT_MESSAGES_PER_WINDOW  # bot messages of a conversation: two bots that answer each other
WINDOW = timedelta(seconds=settings.BOT_MESSAGES_WINDOW)
Recalled = Callable[["Scene", int], Any]  # the version that asks is not what was spoken about before it
_recalled: dict[str, Recalled] = {}
_ASSURED: dict[str, Assurance] = {"none": "none", "attested": "verified", "strong": "strong"}


@dataclass
class Scene:
    """One turn's place; the caller holds the locks of root and conversation. `said` counts what the bot has said."""

    conversation: Conversation
    session: Session
    root: Customer
    now: datetime = field(default_factory=clock.now)
    said: int = 0
    moves: int = 0  # what has followed from this turn's input so far
    ip: str = ""  # a digest of where on the net the message came from, if it is known
    link: str = ""  # the word that a deep link or a QR code has brought along
    page: str = ""  # the address of the page that the widget stands on, if it tells
    is_cut: bool = False  # the bot says no more in this turn
    is_excused: bool = False  # the limit of many turns does not hold now
    is_pick: bool = False  # exactly an option of an open menu was taken: twice as much may be said
    wording: Callable[[Content], Content] | None = None  # how it is said where only a template may be sent

    @property
    def place(self) -> str:
        return place(self.session.channel, str(self.session.identity_id))

    @cached_property
    def runs(self) -> list[JourneyRun]:
        """The person's open foreground runs, locked: the one in front first, then the suspended, the newest first."""
        found = (run for run in self._open_runs if run.lane == "foreground")
        return sorted(found, key=lambda run: run.status == JourneyRun.Status.SUSPENDED)

    @cached_property
    def background(self) -> list[JourneyRun]:
        """The person's open runs that go on beside the conversation, locked, the newest first."""
        return [run for run in self._open_runs if run.lane == "background"]

    @cached_property
    def _open_runs(self) -> list[JourneyRun]:
        return sql.open_runs(self.root.pk)

    def read_again(self) -> None:
        """After a savepoint was rolled back: what is in memory is not what is stored."""
        self.conversation.refresh_from_db()
        for known in ("runs", "background", "_open_runs"):
            self.__dict__.pop(known, None)

    @property
    def is_private(self) -> bool:
        return not self.session.is_public_place

    def admits(self, version_id: int | None) -> bool:
        """May this journey speak here? Where others read along, only one that its author made for a public place."""
        return self.is_private or (
            version_id is not None and publishing.definition(version_id).policy.audience == "public"
        )

    def invite(self) -> None:
        """Others read along here: whoever wants what is not for them is asked to write in private."""
        self.say(Text(sentence("public", str(self.attributes.get("language") or "en"))))

    @property
    def assurance(self) -> Assurance:
        return _ASSURED[self.session.assurance]

    @cached_property
    def proven(self) -> frozenset[int]:
        """What this session shows without another look: the proven, and its own address, unless its proof is stale or
        somebody proved it better than this session has (a phone that WhatsApp proved, in an SMS that anybody may send).
        """
        own = self.session.identity
        is_borrowed = own.is_proven and own.pk not in self.session.proven
        mine = () if self.is_stale or is_borrowed else (own.pk,)
        return frozenset((*mine, *self.session.proven))

    @property
    def is_stale(self) -> bool:
        """Was this address proven so long ago, or under such a doubt, that it opens nothing?"""
        expires = self.session.identity.proof_expires_at
        return expires is not None and expires <= self.now

    @cached_property
    def reach(self) -> frozenset[int]:
        """Every identity that may be shown here: the proven ones with all names of their addresses."""
        rows = Identity.objects.filter(pk__in=self.session.proven)
        visible = identity.visible_to(proven=rows, at=self.now).values_list("pk", flat=True)
        return self.proven | frozenset(visible)

    def sees(self, *identity_ids: int) -> bool:
        """May what one of these addresses has said be shown here?"""
        if not self.proven.isdisjoint(identity_ids):
            return True
        return bool(self.session.proven) and not self.reach.isdisjoint(identity_ids)

    def context(self, version_id: int, extra: Mapping[str, Any] | None = None) -> Context:
        """What the engine may know in this turn; attributes and memories are read only for a journey that uses them."""
        customer = self.attributes if _reads_customer(version_id) else {}
        known = {
            name: read(self, version_id) for name, read in _recalled.items() if _names(version_id, f"context.{name}")
        }
        return Context(
            customer=customer,
            session={
                "channel": self.session.channel,
                "kind": self.session.kind,
                "assurance": self.assurance,
                "site": settings.PUBLIC_URL,
                "carrier": self.session.is_carriers,
            },
            context={**known, **(extra or {})},
            link={"word": self.link} if self.link else {},
            language=str(customer.get("language") or ""),
            place=self.place,
            assurance=self.assurance,
            public=self.session.is_public_place,
            phone=phone,
        )

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """What holds about the customer and was said where this session may look (or of an origin that it reaches, by a
        source without address: merging never widens what is shown).
        """
        known = sql.known(self.root.pk, self._may_show)
        if not self.is_private:  # others read along
            return {key: value for key, value in known.items() if key == "language"}
        # Who gave a whole name (a profile, a site) is not asked for the first one again.
        if isinstance(name := known.get("name"), str) and name.split():
            known.setdefault("first_name", name.split()[0])
        return known

    def known_by(self, keys: Collection[str]) -> tuple[str, ...]:
        """What is known under these keys, whatever may be shown here: only for what is to be hidden."""
        known = sql.known(self.root.pk, lambda identity_id, origin_id: True)
        return tuple(str(known[key]) for key in keys if known.get(key))

    def _may_show(self, identity_id: int | None, origin_id: int) -> bool:
        if identity_id is not None:
            return self.sees(identity_id)
        return self.assurance != "none" and origin_id in self._origins

    @cached_property
    def _origins(self) -> frozenset[int]:
        """The customers, as they were born, who hold an address that may be shown here."""
        return frozenset(Identity.objects.filter(pk__in=self.reach).values_list("customer_id", flat=True))

    def say(self, content: Content, *, run: JourneyRun | None = None, step_id: str = "") -> Message | None:
        """The bot says something here; None if it may not speak (any more)."""
        if self.is_cut or not self._may_say_more():
            return None
        self.said += 1
        return self._say(content, run, step_id)

    def _say(self, content: Content, run: JourneyRun | None, step_id: str) -> Message | None:
        return outbox.say(
            conversation=self.conversation,
            session=self.session,
            content=self.wording(content) if self.wording else content,
            author=Message.Author.BOT,
            fence_epoch=self.conversation.owner_epoch,
            run=run,
            step_id=step_id,
        )

    def alert(self, code: str, **data: Any) -> None:
        """Tells the operators; ids and codes only."""
        events.append(conversation=self.conversation, kind="alert", actor_kind="bot", data={"code": code, **data})

    def goes_on(self) -> bool:
        """Counts one more move of a journey; False if so many have followed from one input that they never end.

        Then it says one sentence, offers an agent and raises one alert.
        """
        self.moves += 1
        if self.moves > MOVES:
            self._cut("moves_limit")
        return self.moves <= MOVES

    def is_flooded(self) -> bool:
        """Has the bot said so much lately that somebody seems to answer it by machine? Then it falls silent.

        The first time it says one sentence, offers an agent and raises one alert.
        """
        if not self.is_cut and not self.is_excused and self._lately >= PER_WINDOW * (1 + self.is_pick):
            self._cut("window_limit")
        return self.is_cut

    @property
    def has_said_much(self) -> bool:
        """Has the bot said as much as it may to somebody who picks nothing?"""
        return self._lately >= PER_WINDOW

    @cached_property
    def _lately(self) -> int:
        """What the bot has said in this conversation in the last five minutes, before this turn."""
        return self._recent("message", actor_kind="bot") if self.conversation.head_seq >= PER_WINDOW else 0

    def _recent(self, kind: str, **wanted: Any) -> int:
        newest = self.conversation.events.filter(seq__gt=self.conversation.head_seq - 200)
        return newest.filter(kind=kind, recorded_at__gt=self.now - WINDOW, **wanted).count()

    def _may_say_more(self) -> bool:
        if self.said >= MAX_MESSAGES:
            self._cut("turn_limit")
        return not self.is_flooded()

    def _cut(self, code: str) -> None:
        if self.is_cut:
            return
        self.is_cut = True
        if not self._recent("alert", data__code=code):
            self.alert(code)
            language = str(self.attributes.get("language") or "en")
            agent = Option("agent", sentence("agent", language), PREFIX + "agent", number=1)
            self._say(Choice(sentence("limit", language), (agent,)), None, "")


def phone(text: str) -> str | None:
    """A typed number in E.164, if it names its country."""
    number = phones.from_text(text)
    return number.e164 if isinstance(number, phones.Number) and number.has_country else None


def remember(name: str, read: Recalled) -> None:
    """Lets `context.<name>` be filled for journeys that name it; called in `AppConfig.ready`."""
    _recalled[name] = read


def _reads_customer(version_id: int) -> bool:
    """Does this journey depend on the customer's attributes (or on their language)?"""
    return len(publishing.definition(version_id).languages) > 1 or _names(version_id, "customer.")


@lru_cache(maxsize=2048)
def _names(version_id: int, name: str) -> bool:
    """Does the name occur in anything that the version says, asks or computes?"""
    version = publishing.definition(version_id)
    words = [dict(words) for words in version.translations.values()]
    texts = [dict(step.data) for step in version.steps.values()] + [dict(version.vars), *words]
    return name in json.dumps(texts)
