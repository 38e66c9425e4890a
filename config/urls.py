"""Which URL leads where?"""

from __future__ import annotations

from csp.decorators import csp_update
from django.contrib import admin
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView, TemplateView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from channels_app.sandbox import emulators
from config import metrics, verification
from config.csp import API_DOCS
from config.tokens import TokenRenewal, TokenView

# Each part brings its own table of URLs, complete paths from the root.
PARTS = [
    "customers.urls",
    "conversations.urls",
    "handover.urls",
    "channels_app.urls",
    "channels_app.sandbox.urls",
]

# What can be tried in the sandbox: the demo's channels, each with its own pretended provider.
CHANNELS = [(f"{kind}-demo", found.title) for kind in emulators.kinds() if (found := emulators.find(kind))]
ICON = lazy(static, str)("img/mark.svg")  # its name is known only once static files are collected

urlpatterns: list[URLPattern | URLResolver] = [
    path("", TemplateView.as_view(template_name="home.html", extra_context={"channels": CHANNELS}), name="home"),
    path("favicon.ico", RedirectView.as_view(url=ICON), name="favicon"),
    path("admin/verify-switching/", verification.page, name="verify-switching"),
    path("admin/", admin.site.urls),
    path("metrics", metrics.page, name="metrics"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", csp_update(API_DOCS)(SpectacularSwaggerSplitView.as_view(url_name="schema")), name="api-docs"),
    path("api/v1/token/", TokenView.as_view(), name="token"),
    path("api/v1/token/refresh/", TokenRenewal.as_view(), name="token-refresh"),
    *[path("", include(part)) for part in PARTS],
]

handler404 = "config.problems.not_found"
handler500 = "config.problems.server_error"
