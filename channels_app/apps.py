"""How is the channels_app app wired into Django?"""

from django.apps import AppConfig
from django.conf import settings


class ChannelsConfig(AppConfig):
    name = "channels_app"
    verbose_name = "Channels"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_app import (
            checks,
            effects,
            held,
            leading,
            letters,
            mailboxes,
            registry,
            service_notices,
            templates,
        )
        from channels_app.gateway import pulse
        from channels_app.sandbox import clock as sandbox_clock
        from channels_app.sandbox import emulators
        from conversations import approved, couriers, leads
        from conversations.journeys import trials

        registry.register_capabilities()
        registry.read_stored_events_by(mailboxes.stored_event)
        checks.register()
        held.ready()
        pulse.register()
        couriers.register(letters.ways)
        leads.register(leading.invited)
        approved.register(service_notices.carrying)
        effects.on_template_news(templates.take_news)
        if getattr(settings, "SANDBOX_CLOCK", settings.SANDBOX):
            sandbox_clock.install()
        if settings.SANDBOX:
            trials.played_on(emulators.is_pretended)
