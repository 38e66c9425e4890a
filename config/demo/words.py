"""Which ready words and macros does the demo have, and who was asked for advice? Made once; changes by hand stay."""

from __future__ import annotations

from django.db import transaction

from conversations import threads
from handover import noting
from handover.models import Agent, CannedReply, ContextLink, Macro, Mention, Queue
from handover.sight import visible_to

REPLIES = (
    (
        "hello",
        "",
        "Hello",
        "Hello {{customer.first_name|default('there')}}, this is {{agent.first_name}}. How can I help?",
    ),
    (
        "hello",
        "es",
        "Hola",
        "Hola {{customer.first_name|default('')}}, soy {{agent.first_name}}. ¿En qué puedo ayudarle?",
    ),
    (
        "delivery",
        "",
        "Delivery time",
        "We deliver within two working days in Sweden, and within five in the rest of Europe.",
    ),
    ("moment", "", "One moment", "One moment please, I am looking that up for you."),
    (
        "bye",
        "",
        "Goodbye",
        "You are welcome, {{customer.first_name|default('')}}. Have a good day! {{agent.first_name}}",
    ),
)
OF_SALES = (
    (
        "compare",
        "",
        "Two chairs compared",
        "The Lund has a mesh back and fits desks up to 75 cm; the Malmö is higher and softer.",
    ),
)
OF_ANA = (("call", "", "Call back", "Shall I call you at {{customer.phone|default('your number')}} this afternoon?"),)
MACROS = (
    (
        "Thank and close",
        [
            {"do": "reply", "text": "Glad that I could help, {{customer.first_name|default('')}}. Have a good day!"},
            {"do": "close"},
        ],
    ),
    (
        "Hand to support",
        [
            {"do": "reply", "text": "I am passing you to our support team, they know this best."},
            {"do": "transfer", "queue": "support", "text": "Needs technical help; greeted already."},
        ],
    ),
    (
        "Wait for the warehouse",
        [
            {"do": "note", "text": "Asked the warehouse; they answer by tomorrow."},
            {
                "do": "reply",
                "text": "I have asked our warehouse and come back to you by tomorrow, {{customer.first_name}}.",
            },
            {"do": "park", "hours": 24},
        ],
    ),
)
LINK = ("The shop as the customer sees it", "/demo/shop/?customer={public_id}")
ADVICE = "@Ana Sousa do you know this customer? They asked for you last week."


def seed() -> None:
    """For everybody, for sales, for Ana; and a note in which Ben asks her something."""
    sales, ana = Queue.objects.get(key="sales"), Agent.objects.get(user__username="ana")
    for rows, queue, owner in ((REPLIES, None, None), (OF_SALES, sales, None), (OF_ANA, None, ana)):
        for shortcut, language, title, text in rows:
            CannedReply.objects.get_or_create(
                shortcut=shortcut, language=language, queue=queue, owner=owner, defaults={"title": title, "text": text}
            )
    for title, actions in MACROS:
        Macro.objects.get_or_create(title=title, queue=None, owner=None, defaults={"actions": actions})
    ContextLink.objects.get_or_create(title=LINK[0], defaults={"url": LINK[1]})
    _ask_ana(sales)


def purge() -> None:
    """Takes away what is still as the demo made it; the words of queues and agents go with those."""
    texts = [text for *_, text in REPLIES]
    CannedReply.objects.filter(owner__isnull=True, queue__isnull=True, text__in=texts).delete()
    ContextLink.objects.filter(title=LINK[0], url=LINK[1]).delete()
    Macro.objects.filter(owner__isnull=True, queue__isnull=True, title__in=[title for title, _ in MACROS]).delete()


def _ask_ana(queue: Queue) -> None:
    ben = Agent.objects.get(user__username="ben")
    waiting = visible_to(ben).filter(owner_kind="queue", state="open", owner_id=queue.pk).order_by("-pk").first()
    if waiting is not None and not Mention.objects.filter(agent__user__username="ana").exists():
        with transaction.atomic():  # no sign of a screen: nobody sits at a desk of the demo
            noting.write(conversation=threads.lock(conversation_id=waiting.pk), agent=ben, text=ADVICE)
