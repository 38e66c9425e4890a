"""Which URLs do customers bring?"""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from customers import (
    api,
    asserting_api,
    attribute_api,
    conflict_api,
    event_api,
    link_api,
    primary_api,
    privacy_api,
    suggestion_api,
)

router = SimpleRouter(use_regex_path=False)
ROUTES = (
    *api.api_routes,
    *link_api.api_routes,
    *conflict_api.api_routes,
    *suggestion_api.api_routes,
    *privacy_api.api_routes,
    *event_api.api_routes,
)
for prefix, viewset, basename in ROUTES:
    router.register(prefix, viewset, basename=basename)

urlpatterns = [path("api/v1/", include([*asserting_api.urls, *primary_api.urls, *attribute_api.urls, *router.urls]))]
