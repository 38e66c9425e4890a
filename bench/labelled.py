"""Who is one person and who is not? A generator of labelled pairs, and what the product's doors make of each.

Every kind is a little story told through resolve, attest, identify, codes and confirmed links. `is_same` is the truth;
the two sides' customers tell what was decided without asking anybody. Suggestions are looked for afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from bench.stories import Sides, Story, attest, handle, resolve


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides of a story: what kind it is, whether they are one person, and who they are in the database."""

    kind: str
    is_same: bool
    one: int
    other: int


# --- one person ---------------------------------------------------------------------------------------------------


def types_own_phone(tell: Story) -> Sides:
    phone = tell.mobile()
    return tell.called_alike(tell.writes(phone), tell.browses("b", phone=f"+{phone}"))


def types_other_form(tell: Story) -> Sides:
    """A phone without the ninth digit, the 1 of Mexico, the 9 of Argentina."""
    from customers import normalise
    from customers.normalise import Key

    phone = tell.mobile(tell.dice.choice(("BR", "MX", "AR")))
    key = normalise.key("phone", phone, from_provider=True)
    assert isinstance(key, Key)
    forms = sorted(normalise.variants(key) - {key.value})
    return tell.writes(phone).origin, tell.browses("b", phone=forms[0] if forms else f"+{phone}").origin


def writes_from_other_form(tell: Story) -> Sides:
    """The provider itself names both forms of one phone in turn."""
    phone = tell.mobile("BR")
    return tell.writes(phone).origin, tell.writes(phone[:4] + phone[5:]).origin


def imported_then_writes(tell: Story) -> Sides:
    phone = tell.mobile()
    return tell.imports(phone=f"+{phone}").origin, tell.writes(phone).origin


def browses_then_signs_in(tell: Story) -> Sides:
    browser, known = tell.browses("b"), tell.signs_in("a")
    tell.signs_in("a", browser=browser.identity)
    return known, browser.origin


def signs_in_and_proves(tell: Story) -> Sides:
    phone = tell.mobile()
    owner, account = tell.writes(phone).origin, tell.signs_in("a")
    tell.proves(account, phone)
    return owner, account


def names_both_in_one_payload(tell: Story) -> Sides:
    phone, bsuid = tell.mobile(), f"SE.{tell.number}X"
    owner = tell.writes(phone).origin
    shell = resolve([handle("wa_bsuid", bsuid, "provider", scope="p1")], tell.now).origin
    tell.writes(phone, bsuid=bsuid)
    return owner, shell


def confirms_a_link(tell: Story) -> Sides:
    return _switched(tell, sides=("arrival", "opener"))


def mails_from_another_domain(tell: Story) -> Sides:
    return tell.called_alike(tell.mails(f"{tell.mail}@work.example"), tell.mails(f"{tell.mail}@home.example"))


def types_own_mail(tell: Story) -> Sides:
    return tell.called_alike(
        tell.mails(f"{tell.mail}@x.example"), tell.browses("b", mail=f"{tell.mail.upper()}@X.example")
    )


def changes_country(tell: Story) -> Sides:
    """The same subscriber's number behind another country code, and the same name."""
    tail = f"{tell.number % 10**7:07}"
    return tell.called_alike(tell.writes(f"4670{tail}"), tell.writes(f"4570{tail[-6:]}"))


def has_nothing_in_common(tell: Story) -> Sides:
    """Nobody could know."""
    return tell.writes(tell.mobile("SE")).origin, tell.mails(f"other{tell.number}@x.example").origin


def mistypes_own_phone(tell: Story) -> Sides:
    phone = tell.mobile("SE")
    wrong = phone[:-1] + str((int(phone[-1]) + 1) % 10)
    return tell.called_alike(tell.writes(phone), tell.browses("b", phone=f"+{wrong}"))


# --- two people ---------------------------------------------------------------------------------------------------


def shares_the_family_phone(tell: Story) -> Sides:
    phone = tell.mobile()
    return tell.called_alike(tell.writes(phone), tell.browses("b", phone=f"+{phone}"), "", f"Child of {tell.number}")


def signs_in_with_the_family_phone(tell: Story) -> Sides:
    phone = f"+{tell.mobile()}"
    return tell.signs_in("a", phone=phone), tell.signs_in("b", phone=phone)


def has_a_recycled_number(tell: Story) -> Sides:
    """The owner has been silent for months; somebody else proves the number now."""
    phone = tell.mobile()
    before, account = tell.writes(phone, at=tell.now - timedelta(days=90)), tell.signs_in("b")
    tell.proves(account, phone)
    return before.origin, account


def writes_from_a_recycled_number(tell: Story) -> Sides:
    """The new owner already is somebody; the payload names both."""
    phone, bsuid = tell.mobile(), f"SE.{tell.number}Y"
    before = tell.writes(phone, at=tell.now - timedelta(days=90))
    tell.called(before.origin)
    attest(before.origin, "email", f"{tell.mail}@x.example")
    now = resolve([handle("wa_bsuid", bsuid, "provider", scope="p1")], tell.now)
    attest(now.origin, "email", f"new{tell.number}@x.example")
    tell.writes(phone, bsuid=bsuid)
    return before.origin, now.origin


def sits_in_one_office(tell: Story) -> Sides:
    """A switchboard with extensions."""
    board = f"+4940{tell.number % 10**6:06}"
    return tell.called_alike(tell.browses("a", phone=f"{board} x12"), tell.browses("b", phone=f"{board} x13"), "", "Bo")


def is_a_twin(tell: Story) -> Sides:
    phone = tell.mobile("SE")
    sister = phone[:4] + str((int(phone[4]) + 1) % 10) + phone[5:]
    return tell.called_alike(tell.writes(phone), tell.writes(sister), f"Ann {tell.number}", f"Eve {tell.number}")


def has_a_namesake(tell: Story) -> Sides:
    names = ("Maria Silva", "Silva Maria")
    return tell.called_alike(tell.writes(tell.mobile("SE")), tell.mails(f"{tell.mail}@x.example"), *names)


def has_a_namesake_with_the_same_mail_name(tell: Story) -> Sides:
    """maria@ at one provider is not maria@ at another, and here even the names are the same."""
    one, other = tell.mails(f"m{tell.number}@x.example"), tell.mails(f"m{tell.number}@y.example")
    return tell.called_alike(one, other, f"Maria {tell.number}", f"María {tell.number}")


def looks_like_another_mail(tell: Story) -> Sides:
    """Letters that only look alike, or that folding would make equal."""
    plain, odd = tell.dice.choice((("fiona", "ﬁona"), ("strasse", "straße"), ("ann", "ａｎｎ"), ("ann", "аnn")))
    one, other = tell.mails(f"{plain}{tell.number}@x.example"), tell.browses("b", mail=f"{odd}{tell.number}@x.example")
    return tell.called_alike(one, other, "", f"Somebody else {tell.number}")


def types_a_victims_address(tell: Story) -> Sides:
    phone = tell.mobile()
    victim = tell.writes(phone)
    attest(victim.origin, "email", f"{tell.mail}@x.example")
    return victim.origin, tell.browses("b", phone=f"+{phone}", mail=f"{tell.mail}@x.example").origin


def signs_in_after_another(tell: Story) -> Sides:
    """A second user on one browser."""
    browser = tell.browses("b").identity
    return tell.signs_in("a", browser=browser), tell.signs_in("b", browser=browser)


def has_another_user_of_the_site(tell: Story) -> Sides:
    """Both have an account of one shop, and one proves the other's phone by a code that was read out."""
    phone = tell.mobile()
    one, other = tell.signs_in("a", trusted=True, phone=f"+{phone}"), tell.signs_in("b")
    tell.proves(other, phone)
    return one, other


def was_sent_a_link(tell: Story) -> Sides:
    """Somebody forwarded a code; one side alone says yes."""
    return _switched(tell, sides=(tell.dice.choice(("arrival", "opener")),))


def writes_to_a_role_address(tell: Story) -> Sides:
    mail = f"info@firm{tell.number}.example"
    return tell.called_alike(tell.browses("a", mail=mail), tell.browses("b", mail=mail), "", f"Colleague {tell.number}")


SAME: tuple[Callable[[Story], Sides], ...] = (
    types_own_phone, types_other_form, writes_from_other_form, imported_then_writes, browses_then_signs_in,
    signs_in_and_proves, names_both_in_one_payload, confirms_a_link, mails_from_another_domain, types_own_mail,
    changes_country, has_nothing_in_common, mistypes_own_phone,
)  # fmt: skip
OTHERS: tuple[Callable[[Story], Sides], ...] = (
    shares_the_family_phone, signs_in_with_the_family_phone, has_a_recycled_number, writes_from_a_recycled_number,
    sits_in_one_office, is_a_twin, has_a_namesake, has_a_namesake_with_the_same_mail_name, looks_like_another_mail,
    types_a_victims_address, signs_in_after_another, has_another_user_of_the_site, was_sent_a_link,
    writes_to_a_role_address,
)  # fmt: skip


def play(count: int, seed: int = 1) -> list[Pair]:
    """`count` pairs, every kind as often as the others, in an order that the seed decides."""
    dice = Random(seed)
    kinds = [(kind, kind in SAME) for kind in (*SAME, *OTHERS)]
    wanted = [kinds[number % len(kinds)] for number in range(count)]
    dice.shuffle(wanted)
    found = []
    for number, (kind, is_same) in enumerate(wanted, start=1):
        one, other = kind(Story(number, dice))
        found.append(Pair(kind.__name__, is_same, one.pk, other.pk))
    return found


def _switched(tell: Story, sides: Sequence[str]) -> Sides:
    """A code asked for in a browser arrives on a phone; these sides say yes."""
    from customers import verification

    browser, phone = tell.browses("b"), tell.writes(tell.mobile())
    nonce = verification.open_nonce(opener=browser.identity, channel="web-shop", session_ref=f"s{tell.number}")
    challenge = verification.arrive(code=nonce.code, arrival=phone.identity, channel="whatsapp-demo")
    assert challenge is not None
    for side in sides:
        verification.confirm(challenge=challenge, side=side, actor="customer")  # type: ignore[arg-type]  # one of two
    return browser.origin, phone.origin
