from django.urls import path

from portal.directory import views

app_name = "directory"
urlpatterns = [
    path("", views.state, name="state"),
    path("search/", views.find, name="search"),
    path("switcher/", views.switcher, name="switcher"),
    path("refresh/<int:connection_id>/", views.refresh, name="refresh"),
    path("refresh-account/<int:account_id>/", views.refresh_account, name="refresh_account"),
]
