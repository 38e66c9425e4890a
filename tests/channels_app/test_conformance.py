"""Does every adapter keep the promises of the contract? The same questions to each one that is found."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from channels_app import registry
from channels_app.registry import REASONS, BadSignature, DeepLink, DeliveryError, Inbound, Request
from channels_app.sandbox import emulators, kit
from channels_app.sandbox.models import SandboxMessage
from conversations import capabilities
from conversations.content import Choice, Media, Option
from conversations.journeys.render import render
from tests.browser.site import Site
from tests.channels_app import conformance
from tests.channels_app.conformance import CODE, Subject
from tests.conversations.downgrading import fits

PRETENDED = list(emulators.kinds())
ALL = list(registry.kinds())


@pytest.fixture
def one(request: Any, db: None) -> Subject:
    return conformance.subject(request.param)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The emulators' APIs on a real port."""
    running = Site()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def live(request: Any, transactional_db: None, site: Site) -> Iterator[Subject]:
    """The same, with its API to be called; webhooks go nowhere."""
    found = conformance.subject(request.param, site.url)
    with conformance.caught():
        yield found


each = pytest.mark.parametrize("one", PRETENDED, indirect=True)
each_live = pytest.mark.parametrize("live", PRETENDED, indirect=True)


@each
def test_real_letters_are_taken_and_say_who_wrote_what(one: Subject) -> None:
    words = one.inbound()
    assert words and all(event.account in ("", one.account.account) for event in one.events())
    assert any("hi" in said.text for said in words) or any(said.code == CODE for said in words)
    assert all(said.handles and said.external_id for said in words)
    assert len({event.key for event in one.events()}) == len(one.events())


@pytest.mark.scenario("T-33")
@each
def test_other_secrets_open_nothing(one: Subject) -> None:
    other = conformance.stranger(one.account)
    for letter, _ in one.opened():
        assert conformance.attempt(one.adapter, conformance.request(letter), other) is None


@each
def test_the_secret_before_the_last_one_still_opens(one: Subject) -> None:
    new = conformance.rotated(one.account)
    for letter, envelope in one.opened():
        found = conformance.attempt(one.adapter, conformance.request(letter), new)
        assert found is not None and len(found.events) == len(envelope.events)


@pytest.mark.scenario("T-33")
@each
def test_changed_bytes_are_refused(one: Subject) -> None:
    for letter, _ in one.opened():
        for asked in conformance.tampered(letter):
            found = conformance.attempt(one.adapter, asked, one.account)
            assert found is None or conformance.shows_its_secret(letter, one.account)
        unsigned = Request(letter.body, {}, letter.url)
        assert conformance.attempt(one.adapter, unsigned, one.account) is None
        for asked in conformance.stripped(letter):
            conformance.attempt(one.adapter, asked, one.account)


@each
def test_a_body_is_split_alike_without_its_signature(one: Subject) -> None:
    for letter, envelope in one.opened():
        found = one.adapter.split(conformance.request(letter))
        assert [event.key for event in found.events] == [event.key for event in envelope.events]


@each
def test_no_shape_of_an_event_is_too_much(one: Subject) -> None:
    for event in one.events():
        for raw in conformance.mutations(event.raw):
            for parsed in one.adapter.parse(raw, one.account):
                conformance.well_formed(parsed)


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("raw", ["", "null", "[]", "{}", "{", "\0", "x" * 100_000, "[" * 5000, '{"a":' * 3000])
def test_no_nonsense_is_too_much(kind: str, raw: str) -> None:
    found = registry.adapter(kind)
    for parsed in found.parse(raw, registry.Account(key="nobody")):
        conformance.well_formed(parsed)
        assert not isinstance(parsed, Inbound) or not parsed.text


@pytest.mark.parametrize("kind", ALL)
def test_nobody_is_let_in_where_no_secret_is_set(kind: str) -> None:
    with pytest.raises(BadSignature):
        registry.adapter(kind).verify(Request(b"{}"), [registry.Account(key="bare", account="1")])


@pytest.mark.parametrize("kind", ALL)
def test_what_a_channel_can_show_is_possible(kind: str) -> None:
    can = registry.adapter(kind).capabilities
    assert can.kind == kind and capabilities.of(kind) == can
    assert can.text_limit > 100 and can.payload_max >= 40
    options = tuple(Option(f"o{n}", f"A chair of the number {n}", f"run:7:o{n}", "x" * 90) for n in range(40))
    for count in (1, 3, 4, 10, 11, 40):
        fits(render(Choice("Which one? " * 20, options[:count]), can).messages, can)
    fits(render(Media("image", "https://x.example/a.png", "y" * 5000, "a.png"), can).messages, can)


@pytest.mark.parametrize("kind", ALL)
def test_every_setting_is_described(kind: str) -> None:
    found = registry.adapter(kind)
    told = {**found.settings, **found.secrets}
    assert len(told) == len(found.settings) + len(found.secrets)
    assert all(words.endswith(".") for words in told.values())
    assert found.title and found.body_max > 0


@pytest.mark.parametrize("kind", ALL)
def test_what_is_required_is_among_the_settings_and_nothing_is_called_for_it(kind: str) -> None:
    found = registry.adapter(kind)
    assert set(found.required_settings) <= set(found.settings) and set(found.required_secrets) <= set(found.secrets)
    assert set(found.switches) <= set(found.settings)
    lacks = {part for name in found.missing(registry.Account(key="bare")) for part in name.split(" or ")}
    assert lacks <= {"account", *found.settings, *found.secrets}
    assert bool(lacks) is not found.capabilities.pull


@each
def test_the_demo_is_set_up_and_without_its_secrets_it_is_not(one: Subject) -> None:
    assert list(one.adapter.missing(one.account)) == []
    bare = replace(one.account, credentials={})
    asks = list(one.adapter.missing(bare))
    assert bool(asks) is bool(one.adapter.required_secrets or one.adapter.kind == "email")


@each
def test_the_demo_sets_only_what_is_described(one: Subject) -> None:
    assert set(one.account.config) <= set(one.adapter.settings) | {"app", "base_url"}
    assert set(one.account.credentials) <= set(one.adapter.secrets)
    assert one.channel.key == f"{one.adapter.kind}-demo"


@each
def test_no_secret_shows_where_an_account_is_printed(one: Subject) -> None:
    assert not any(secret in repr(one.account) for secret in one.secrets())


@each
def test_a_link_carries_its_code(one: Subject) -> None:
    link = one.adapter.link(one.account, CODE)
    assert link is None or (isinstance(link, DeepLink) and (CODE in link.url or CODE in link.say))
    assert link is None or not any(secret in link.url for secret in one.secrets())


@each_live
def test_a_send_arrives_and_each_failure_has_its_name(live: Subject, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    assert conformance.refusal(live, live.account) is None
    told = [meets(live, name) for name in (emulators.TOO_MANY, emulators.BROKEN, emulators.LOST)]
    assert [error.reason for error in told] == ["rate_limited", "provider_down", "lost"]
    wrong = conformance.refusal(live, conformance.stranger(live.account))
    down = conformance.refusal(live, nobody_there(live))
    assert wrong is not None and down is not None
    assert (wrong.reason, down.reason) == ("channel_down", "provider_down")
    assert all(error.reason in REASONS for error in (*told, wrong, down))
    said = [f"{error} {error.provider_text}" for error in (*told, wrong, down)]
    # Django's own loggers tell what the emulator was asked, not what the adapter did.
    said += [record.getMessage() for record in caplog.records if not record.name.startswith("django")]
    assert not any(secret in words for secret in live.secrets() for words in said)


@each_live
def test_a_menu_can_be_answered(live: Subject) -> None:
    options = tuple(Option(f"o{n}", f"Chair {n}", f"r1:4:o{n}") for n in range(1, 4))
    rendered = render(Choice("Which?", options), live.adapter.capabilities)
    assert all(conformance.refusal(live, live.account, message) is None for message in rendered.messages)
    row = kit.find_message(live.channel, newest(live))
    assert row is not None
    shown = live.emulator.bubble(row)
    assert "Which?" in shown.text
    titles = [button.title for button in shown.buttons] + [row.title for row in (shown.list.rows if shown.list else ())]
    assert titles == ["Chair 1", "Chair 2", "Chair 3"] or all(f"{n}) Chair {n}" in shown.text for n in (1, 2, 3))


@each_live
def test_a_check_finds_what_is_wrong(live: Subject) -> None:
    right = live.adapter.check(live.account)
    assert all(finding.text for finding in right)
    for account in (conformance.stranger(live.account), nobody_there(live)):
        wrong = live.adapter.check(account)
        assert not right or not all(finding.is_well for finding in wrong)
        assert not any(secret in finding.text for finding in wrong for secret in live.secrets())


def meets(live: Subject, failure: str) -> DeliveryError:
    """What a send says when its emulator shall fail like this, once."""
    controls = kit.controls_of(live.channel.key)
    controls.failure = failure
    controls.save(update_fields=["failure"])
    error = conformance.refusal(live, live.account)
    assert error is not None, f"{failure} was not noticed"
    return error


def nobody_there(live: Subject) -> registry.Account:
    """The account with its API on a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    site = live.emulator.root(f"http://127.0.0.1:{port}")
    return replace(live.account, config={**live.account.config, "base_url": site})


def newest(live: Subject) -> str:
    rows = SandboxMessage.objects.filter(channel=live.channel.key, is_from_customer=False)
    return str(rows.order_by("-pk").values_list("external_id", flat=True).first())
