from django.urls import path

from portal.gateway import views

app_name = "gateway"
urlpatterns = [
    path("", views.connection_list, name="list"),
    path("add/", views.add, name="add"),
    path("<int:connection_id>/", views.edit, name="edit"),
    path("<int:connection_id>/test/", views.test, name="test"),
    path("<int:connection_id>/active/", views.active, name="active"),
]
