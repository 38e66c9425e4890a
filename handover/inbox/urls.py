"""Which addresses does the inbox have, below /inbox/?"""

from django.urls import path

from handover.inbox import actions, entrance, files, views

app_name = "inbox"

urlpatterns = [
    path("", views.start, name="start"),
    path("login", entrance.Login.as_view(), name="login"),
    path("logout", entrance.Logout.as_view(), name="logout"),
    path("counts", views.counts, name="counts"),
    path("status", actions.status, name="status"),
    path("keys", actions.keys, name="keys"),
    path("heartbeat", actions.heartbeat, name="heartbeat"),
    path("c/<uuid:public_id>/", views.conversation, name="conversation"),
    path("c/<uuid:public_id>/older", views.older, name="older"),
    path("c/<uuid:public_id>/events", views.events, name="events"),
    path("c/<uuid:public_id>/reply", actions.reply, name="reply"),
    path("c/<uuid:public_id>/note", actions.note, name="note"),
    path("c/<uuid:public_id>/claim", actions.claim, name="claim"),
    path("c/<uuid:public_id>/release", actions.release, name="release"),
    path("c/<uuid:public_id>/close", actions.close, name="close"),
    path("c/<uuid:public_id>/files", files.upload, name="upload"),
    path("files/<uuid:public_id>", files.show, name="file"),
    path("files/<uuid:public_id>/small", files.show, {"part": "thumb"}, name="thumb"),
    path("files/<uuid:public_id>/again", files.again, name="file-again"),
    path("<slug:view>/", views.view, name="view"),
]
