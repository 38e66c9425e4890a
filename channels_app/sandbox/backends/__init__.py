"""Which back ends does the demo pretend to have? A shop and a telephone company, each behind a connection of its own.

They answer over real HTTP below /sandbox/<word>/, and only while SANDBOX=1: then the safe client may reach this
server's own address, which is not public.
"""

from __future__ import annotations

from django.urls import URLPattern, path

from channels_app.sandbox.backends import shop, telco

KEYS = {"demo_shop": "shop", "telco": "telco"}  # connection -> its word in the URL

urlpatterns: list[URLPattern] = [
    path(f"sandbox/{word}/{place}", view, name=f"sandbox-{word}-{name}")
    for word, urls in (("shop", shop.urls), ("telco", telco.urls))
    for place, view, name in urls
]
