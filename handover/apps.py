"""How is the handover app wired into Django?"""

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    name = "handover"
    default_auto_field = "django.db.models.BigAutoField"
