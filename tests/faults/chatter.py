"""How does a conversation get words while things break? An agent's, written past the desk into the database."""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    import django

    django.setup()
    from channels_app import visits
    from channels_app.models import Channel
    from conversations.models import Session
    from handover.models import Agent
    from tests import factories

    given = json.load(sys.stdin)
    visit = visits.find(channel=Channel.objects.get(key="web-shop"), token=given["token"])
    session = Session.objects.select_related("conversation").get(identity=visit.visitor, ended_at__isnull=True)
    ana = Agent.objects.get(user__username="ana")
    if session.conversation.owner_id != ana.pk:
        factories.give(session.conversation, ana)
    for text in given["texts"]:
        factories.agent_says(session, text, ana)
        time.sleep(given["pause"])
    print(json.dumps({"conversation": str(session.conversation.public_id)}))


if __name__ == "__main__":
    main()
