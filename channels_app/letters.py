"""Which of our channels can carry a one-time code, and in which words? A code that is dead is not sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from channels_app import leading, readiness, registry, shared_devices, template_filling
from channels_app.models import Channel
from channels_app.template_models import MessageTemplate
from common import segments
from conversations.content import Content, Text
from conversations.couriers import Way
from customers import codes
from customers.models import Challenge
from customers.namespaces import Namespace

if TYPE_CHECKING:
    from channels_app.claims import Task

# The kinds of channel that may write first, and the addresses that they reach; the best way first.
REACHED = {
    "sms": Namespace.PHONE,
    "whatsapp": Namespace.PHONE,
    "email": Namespace.EMAIL,
    "telegram": Namespace.TELEGRAM_USER,
}
NEEDS_TEMPLATE = "whatsapp"
AUTHENTICATION = "AUTHENTICATION"


def ways(here: str) -> Sequence[Way]:
    """The channels that work now, for somebody who speaks on the channel `here`; none at a kiosk: it links nobody."""
    asked = Channel.objects.filter(key=here).first()
    if asked is not None and shared_devices.is_kiosk(asked):
        return ()
    rows = Channel.objects.filter(is_enabled=True, stopped_reason="", kind__in=REACHED).order_by("pk")
    able = [row for row in rows if not readiness.missing(row) and (row.kind != NEEDS_TEMPLATE or _template(row.key))]
    ranked = sorted(able, key=lambda row: list(REACHED).index(row.kind))
    return [Way(row.key, str(registry.adapter(row.kind).title), REACHED[row.kind].value) for row in ranked]


def written(tasks: Iterable[Task]) -> dict[int, Content]:
    """What goes out for these deliveries of codes; one whose code is used, replaced or too old is left out."""
    coded = {task.challenge_id: task for task in tasks if task.challenge_id is not None}
    if not coded:
        return {}
    found: dict[int, Content] = {}
    for challenge in Challenge.objects.filter(pk__in=coded):
        task = coded[challenge.pk]
        if challenge.kind == Challenge.Kind.NOTE:
            found[task.pk] = _note(challenge)
            continue
        code = codes.code_of(challenge)
        words = _words(task, challenge, code) if code else None
        if words is not None:
            found[task.pk] = words
    return found


def _words(task: Task, challenge: Challenge, code: str) -> Content | None:
    """The code, what it is for and who asks; nothing that the person who asked has written."""
    if task.kind != NEEDS_TEMPLATE:
        return _plain(code, leading.title(challenge.opener_channel), is_sms=task.kind == "sms")
    template = _template(task.channel)
    if template is None:
        return None
    slots = template_filling.slots(template.components)
    return template_filling.fill(
        name=template.name,
        language=template.language,
        status=template.status,
        components=template.components,
        values={slot.key: code for slot in slots},
    )


def _plain(code: str, place: str, *, is_sms: bool) -> Text:
    """In an SMS every part is paid for: the longest of the wordings that needs only one, else the shortest."""
    wordings = (
        f'{code} is your code for the chat "{place}". It holds for ten minutes. '
        "If you did not ask for it, do nothing and tell it to nobody.",
        f'{code} is your code for the chat "{place}". If you did not ask for it, tell it to nobody.',
        f'{code}: your code for "{place}". Tell it to nobody.',
    )
    fitting = (words for words in wordings if not is_sms or segments.of(words).count == 1)
    return Text(next(fitting, wordings[-1]))


def _note(challenge: Challenge) -> Text:
    """That there is an answer, and where; no word of it, and none of theirs: the address may be somebody else's."""
    site = Channel.objects.filter(key=challenge.opener_channel).first()
    url = str(site.config.get("site_url") or "") if site else ""
    where = f": {url}" if url.startswith(("https://", "http://")) else "."
    return Text(
        f'There is an answer for you in the chat "{leading.title(challenge.opener_channel)}". '
        f"To read it, open the chat in the browser in which you wrote{where}\n"
        "If you have not written to us, do nothing: you will not hear from us again."
    )


def _template(channel: str) -> MessageTemplate | None:
    """An approved authentication template: every place in one is for the code."""
    rows = MessageTemplate.objects.filter(channel__key=channel, status=MessageTemplate.APPROVED)
    found = rows.filter(category__iexact=AUTHENTICATION).order_by("name", "language")
    usable = (row for row in found if not template_filling.obstacle(row.status, row.components))
    return min(usable, key=lambda row: (not row.language.startswith("en"), row.pk), default=None)
