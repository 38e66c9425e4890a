"""Which addresses does the handover app serve, as complete paths from the root?"""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from handover import journey_api, outside_api, ready_api, reservations_api, team_api, terms_api, view_api
from handover.api import api_routes

router = SimpleRouter(use_regex_path=False)
for prefix, viewset, basename in (
    *api_routes,
    *ready_api.api_routes,
    *reservations_api.api_routes,
    *view_api.api_routes,
    *team_api.api_routes,
    *terms_api.api_routes,
):
    router.register(prefix, viewset, basename=basename)

urlpatterns = [
    path("inbox/", include("handover.inbox.urls")),
    path("api/v1/", include([*router.urls, *journey_api.doors, *outside_api.doors, *team_api.doors])),
]
