"""Which addresses serve the desk's dialogs and what they do?"""

from django.urls import path

from handover.inbox import desk_actions, dialogs

doors = [
    path("c/<uuid:public_id>/ask/<slug:name>", dialogs.dialog, name="dialog"),
    path("c/<uuid:public_id>/release", desk_actions.release, name="release"),
    path("c/<uuid:public_id>/assign", desk_actions.assign, name="assign"),
    path("c/<uuid:public_id>/escalate", desk_actions.escalate, name="escalate"),
    path("c/<uuid:public_id>/park", desk_actions.park, name="park"),
    path("c/<uuid:public_id>/unpark", desk_actions.unpark, name="unpark"),
    path("c/<uuid:public_id>/reopen", desk_actions.reopen, name="reopen"),
    path("c/<uuid:public_id>/barge-in", desk_actions.barge_in, name="barge-in"),
    path("c/<uuid:public_id>/block", desk_actions.block, name="block"),
    path("c/<uuid:public_id>/topics", desk_actions.topics, name="topics"),
    path("c/<uuid:public_id>/wrap-up", desk_actions.wrap_up, name="wrap-up"),
]
