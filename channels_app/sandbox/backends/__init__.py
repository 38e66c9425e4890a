"""Which back ends does the demo pretend to have? A shop and a telephone company, each behind a connection of its own.

They answer over real HTTP below /sandbox/<word>/, and only while SANDBOX=1: then the safe client may reach this
server's own address, which is not public.
"""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, path

from channels_app.sandbox.backends import shop, telco

KEYS = {"demo_shop": "shop", "telco": "telco"}  # connection -> its word in the URL


def is_pretended(base_url: str) -> bool:
    """Is this the address of one of them, or of something else that the sandbox plays?"""
    return base_url.startswith(f"{settings.PUBLIC_URL}/sandbox/")


urlpatterns: list[URLPattern] = [
    path(f"sandbox/{word}/{place}", view, name=f"sandbox-{word}-{name}")
    for word, urls in (("shop", shop.urls), ("telco", telco.urls))
    for place, view, name in urls
]
