"""Over which channel is measured? One WhatsApp number whose provider is the stub, and the demo journeys."""

from __future__ import annotations

import sys


def main() -> None:
    import django

    django.setup()
    from bench import bodies
    from channels_app.models import Channel
    from conversations.journeys import publishing
    from handover.models import Queue, Skill

    sales = Queue.objects.create(key="sales", title="Sales", intake="prechat_sales", is_default=True)
    sales.skills.add(Skill.objects.create(key="sales", title="Sales"))
    Channel.objects.create(
        key="whatsapp-bench",
        kind="whatsapp",
        title="Bench",
        account=bodies.NUMBER,
        config={"app": bodies.APP, "portfolio_id": "bench", "base_url": sys.argv[1], "rate_per_second": 0},
        credentials={"app_secret": bodies.SECRET, "verify_token": "bench", "access_token": "bench"},
    )
    publishing.load_library()


if __name__ == "__main__":
    main()
