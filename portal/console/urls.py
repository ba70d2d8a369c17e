from django.urls import path

from portal.console import views

app_name = "console"
urlpatterns = [
    path("", views.operation_list, name="list"),
    path("coverage/", views.coverage, name="coverage"),
    path("<str:operation>/", views.operation, name="operation"),
    path("<str:operation>/in/<int:account_id>/", views.account_operation, name="account_operation"),
]
