"""Which addresses do the lists have: views with a name, marks, many at once, the palette?"""

from django.urls import path

from handover.inbox import view_actions

urlpatterns = [
    path("views/new", view_actions.create, name="view-create"),
    path("views/<uuid:public_id>", view_actions.change, name="view-change"),
    path("views/<uuid:public_id>/delete", view_actions.remove, name="view-remove"),
]
