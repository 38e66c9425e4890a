"""Which URL of the sandbox leads where? All of them answer 404 unless SANDBOX=1."""

from __future__ import annotations

from django.urls import path

from channels_app.sandbox import graph_views, views

GRAPH = "sandbox/graph/<str:version>/<str:object_id>"

urlpatterns = [
    path("sandbox/", views.page, name="sandbox"),
    path("sandbox/feed", views.feed, name="sandbox-feed"),
    path("sandbox/say", views.say, name="sandbox-say"),
    path("sandbox/look", views.look, name="sandbox-look"),
    path("sandbox/controls", views.controls, name="sandbox-controls"),
    path("sandbox/clock", views.move_clock, name="sandbox-clock"),
    path("sandbox/reset", views.reset, name="sandbox-reset"),
    path(f"{GRAPH}/messages", graph_views.messages),
    path(f"{GRAPH}/media", graph_views.media),
    path(f"{GRAPH}/message_templates", graph_views.message_templates),
    path(f"{GRAPH}/subscribed_apps", graph_views.subscribed_apps),
    path(GRAPH, graph_views.phone_number),
]
