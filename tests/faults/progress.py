"""Is anything under way? Unfinished rows of inbox and outbox; with `retry`, unknown deliveries are sent again."""

from __future__ import annotations

import json
import sys


def main() -> None:
    import django

    django.setup()
    from channels_app import delivery
    from channels_app.models import InboundEvent
    from conversations.models import Delivery

    given = json.load(sys.stdin) or {}
    retried = 0
    if given.get("retry"):
        unknown = Delivery.objects.filter(state="unknown").values_list("pk", flat=True)
        retried = sum(delivery.retry(delivery_id=pk) for pk in list(unknown))
    waiting = InboundEvent.objects.filter(state="pending").exclude(kind="status").count()
    unsent = Delivery.objects.filter(state__in=["queued", "sending"]).count()
    print(json.dumps({"waiting": waiting, "unsent": unsent, "retried": retried}))


if __name__ == "__main__":
    main()
