"""What if a message were marked sent before the call? This worker, the second negative control, must be caught."""

from __future__ import annotations

from collections.abc import Collection


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from channels_app import claims, delivery, outcomes, sending

    honest = delivery.claim

    def claim(limit: int, busy: Collection[str] = ()) -> list[claims.Task]:
        tasks = honest(limit, busy)
        with transaction.atomic():
            outcomes.write([sending.change(task, "sent") for task in tasks])
        return tasks

    delivery.claim = claim
    call_command("work")


if __name__ == "__main__":
    main()
