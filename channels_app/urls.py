"""Which URLs does the widget have, and the demo shop that embeds it? And where is a message sent again?"""

from __future__ import annotations

from django.urls import path

from channels_app import fallback, handing_in, lead_views, retries, template_views, way_views, widget
from channels_app.api import ConversationTemplates
from channels_app.shop import views as shop

urlpatterns = [
    path("widget.js", widget.loader, name="widget-loader"),
    path("widget/<slug:channel>/app", widget.app, name="widget-app"),
    path("widget/<slug:channel>/visit", fallback.visit, name="widget-visit"),
    path("widget/<slug:channel>/identify", fallback.identify, name="widget-identify"),
    path("widget/<slug:channel>/logout", fallback.logout, name="widget-logout"),
    path("widget/<slug:channel>/messages", fallback.messages, name="widget-messages"),
    path("widget/<slug:channel>/files", handing_in.upload, name="widget-upload"),
    path("widget/<slug:channel>/file", handing_in.file, name="widget-file"),
    path("widget/<slug:channel>/lead", lead_views.lead, name="widget-lead"),
    path("widget/<slug:channel>/attributes", handing_in.attributes, name="widget-attributes"),
    path("widget/<slug:channel>/events", fallback.events, name="widget-events"),
    path("inbox/messages/<uuid:public_id>/retry/", retries.retry, name="delivery-retry"),
    path("inbox/c/<uuid:public_id>/ways", way_views.ways, name="inbox-ways"),
    path("inbox/c/<uuid:public_id>/templates", template_views.pick, name="inbox-templates"),
    path(
        "api/v1/conversations/<uuid:public_id>/templates/",
        ConversationTemplates.as_view(
            {"get": "templates", "post": "send_template"}, pagination_class=None, filterset_class=None
        ),
        name="conversation-templates",
    ),
    path("demo/shop/", shop.page, name="demo-shop"),
    path("demo/shop/login", shop.login, name="demo-shop-login"),
    path("demo/shop/token", shop.token, name="demo-shop-token"),
]
