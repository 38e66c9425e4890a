"""How is the channels_app app wired into Django?"""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "channels_app"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_app import checks, registry

        registry.register_capabilities()
        checks.register()
