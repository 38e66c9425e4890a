"""What is unknown of a delivery, and what then? With `retry`, it is sent again, as an operator would."""

from __future__ import annotations

import json
import sys


def main() -> None:
    import django

    django.setup()
    from channels_app import delivery
    from conversations.models import Delivery

    given = json.load(sys.stdin) or {}
    retried = 0
    if given.get("retry"):
        unknown = Delivery.objects.filter(state="unknown").values_list("pk", flat=True)
        retried = sum(delivery.retry(delivery_id=pk) for pk in list(unknown))
    print(json.dumps({"retried": retried}))


if __name__ == "__main__":
    main()
