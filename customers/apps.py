"""How is the customers app wired into Django?"""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common import clock
        from customers import privacy_erasing, privacy_own, tasks

        clock.keep_to_database()
        privacy_own.ready()
        privacy_erasing.on_due(lambda erasure_id: tasks.erase.delay(erasure_id))
