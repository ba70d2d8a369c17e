"""Addresses of one kind of event, below /meetings/ and again below /webinars/. ``event_id`` is Zoom's number."""

from django.urls import path

from portal.events import decide, registrants, removing, views

EVENT = "<int:account_id>/<int:event_id>/"
HOST = "<int:account_id>/hosts/<str:user_id>/"

app_name = "events"
urlpatterns = [
    path("", views.hosts, name="list"),
    path(HOST, views.of_host, name="host"),
    path(f"{HOST}choose/", removing.choose, name="choose_events"),
    path(f"{HOST}change/", removing.ChangeChosenView.as_view(), name="change_chosen"),
    path(EVENT, views.detail, name="detail"),
    path(f"{EVENT}registrants/", registrants.listing, name="registrants"),
    path(f"{EVENT}registrants/choose/", decide.choose, name="choose"),
    path(f"{EVENT}registrants/decide/", decide.DecideView.as_view(), name="decide"),
]
