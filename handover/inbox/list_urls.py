"""Which addresses do the lists have: views with a name, marks, many at once, the palette?"""

from django.urls import path

from handover.inbox import bulk_actions, palette, view_actions

urlpatterns = [
    path("views/new", view_actions.create, name="view-create"),
    path("views/<uuid:public_id>", view_actions.change, name="view-change"),
    path("views/<uuid:public_id>/delete", view_actions.remove, name="view-remove"),
    path("bulk", bulk_actions.act, name="bulk"),
    path("bulk/targets", bulk_actions.targets_listed, name="bulk-targets"),
    path("bulk/<uuid:public_id>", bulk_actions.standing, name="bulk-standing"),
    path("bulk/<uuid:public_id>/undo", bulk_actions.undo, name="bulk-undo"),
    path("palette", palette.find, name="palette"),
]
