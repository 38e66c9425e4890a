"""How is the wiring itself wired into Django? Celery's app becomes the default, the system checks are registered."""

from django.apps import AppConfig


class WiringConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import celery, checks

        celery.app.set_default()
        checks.register_all()
