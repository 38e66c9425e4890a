"""Which addresses does the conversations app serve, as complete paths from the root?"""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from conversations import downloads, task_api
from conversations.answers import article_views
from conversations.api import api_routes
from conversations.authoring.api import urls as authoring_urls

router = SimpleRouter(use_regex_path=False)
for prefix, viewset, basename in api_routes:
    router.register(prefix, viewset, basename=basename)

urlpatterns = [
    path("answers/<uuid:public_id>/", article_views.page, name="article"),
    path("files/<str:token>", downloads.file, name="file"),
    path("api/v1/tasks/<uuid:public_id>/events", task_api.TaskEventsView.as_view(), name="task-events"),
    path("api/v1/", include([*authoring_urls, *router.urls])),
]
