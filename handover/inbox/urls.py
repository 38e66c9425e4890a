"""Which addresses does the inbox have, below /inbox/?"""

from django.urls import path

from handover.inbox import (
    actions,
    composing_urls,
    desk_settings,
    desk_urls,
    entrance,
    files,
    jobs,
    list_urls,
    offers,
    person_actions,
    person_links,
    person_views,
    styleguide,
    views,
)

app_name = "inbox"
MATCH = "c/<uuid:public_id>/person/matches/<uuid:suggestion_id>"

urlpatterns = [
    path("", views.start, name="start"),
    path("login", entrance.Login.as_view(), name="login"),
    path("logout", entrance.Logout.as_view(), name="logout"),
    path("counts", views.counts, name="counts"),
    *list_urls.urlpatterns,
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
    path("c/<uuid:public_id>/jobs/<uuid:task_id>/<slug:verb>", jobs.act, name="job"),
    path("c/<uuid:public_id>/person/look", person_views.look, name="person-look"),
    path("c/<uuid:public_id>/person/reveal", person_actions.reveal, name="person-reveal"),
    path("c/<uuid:public_id>/person/fact", person_actions.fact, name="person-fact"),
    path("c/<uuid:public_id>/person/consent", person_actions.allow, name="person-consent"),
    path("c/<uuid:public_id>/person/propose", person_links.propose, name="person-propose"),
    path("c/<uuid:public_id>/person/conflicts/<uuid:conflict_id>", person_actions.settle, name="person-settle"),
    path("c/<uuid:public_id>/person/links/<uuid:link_id>/undo", person_links.undo, name="person-undo"),
    path(f"{MATCH}/accept", person_links.match, {"verb": "accept"}, name="person-accept"),
    path(f"{MATCH}/reject", person_links.match, {"verb": "reject"}, name="person-reject"),
    path(f"{MATCH}/snooze", person_links.match, {"verb": "snooze"}, name="person-snooze"),
    path("files/<uuid:public_id>", files.show, name="file"),
    path("files/<uuid:public_id>/small", files.show, {"part": "thumb"}, name="thumb"),
    path("files/<uuid:public_id>/again", files.again, name="file-again"),
    *composing_urls.doors,
    *desk_settings.doors,
    *styleguide.doors,
    *offers.doors,
    *desk_urls.doors,
    path("<slug:view>/", views.view, name="view"),
]
