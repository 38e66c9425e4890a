"""Which addresses serve the composer, the ready words and the links beside a conversation?"""

from django.urls import path

from handover.inbox import composing, context, macro_views, palette, ready_views

doors = [
    *context.doors,
    path("marks", composing.marks, name="marks"),
    path("next", composing.next_one, name="next"),
    path("c/<uuid:public_id>/draft", composing.draft, name="draft"),
    path("c/<uuid:public_id>/ready", composing.ready_words, name="ready"),
    path("c/<uuid:public_id>/colleagues", composing.colleagues, name="colleagues"),
    path("c/<uuid:public_id>/mentions", composing.mentions_seen, name="mentions-seen"),
    path("c/<uuid:public_id>/macros", palette.macros, name="macros"),
    path("c/<uuid:public_id>/macros/<uuid:macro_id>", macro_views.macro, name="macro"),
    path("ready-words/", ready_views.listed, name="ready-words"),
    path("ready-words/<slug:kind>/new", ready_views.edit, name="ready-new"),
    path("ready-words/<slug:kind>/<uuid:row_id>", ready_views.edit, name="ready-edit"),
    path("ready-words/<slug:kind>/<uuid:row_id>/remove", ready_views.remove, name="ready-remove"),
]
