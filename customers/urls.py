"""Which URLs do customers bring?"""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from customers.api import api_routes

router = SimpleRouter(use_regex_path=False)
for prefix, viewset, basename in api_routes:
    router.register(prefix, viewset, basename=basename)

urlpatterns = [path("api/v1/", include(router.urls))]
