"""Addresses of users, below /users/. ``user_id`` is Zoom's id; an e-mail address leads to the same page."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from portal.users.views import acts, bulk, change, create, detail, groups, helpers, listing, picture


class Helpers(StringConverter):
    regex = "assistants|schedulers"


class StatusAction(StringConverter):
    regex = "activate|deactivate"


register_converter(Helpers, "helpers")
register_converter(StatusAction, "status_action")

USER = "<int:account_id>/<str:user_id>/"

app_name = "users"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("export/", listing.export, name="export"),
    path("choose/", bulk.choose, name="choose"),
    path("bulk/", bulk.BulkView.as_view(), name="bulk"),
    path("new/", create.where, name="where"),
    path("<int:account_id>/new/", create.create, name="create"),
    path(USER, detail.detail, name="detail"),
    path(f"{USER}edit/", change.PropertiesView.as_view(), name="edit"),
    path(f"{USER}settings/", change.SettingsView.as_view(), name="settings"),
    path(f"{USER}password/", change.PasswordView.as_view(), name="password"),
    path(f"{USER}picture/", picture.picture, name="picture"),
    path(f"{USER}permissions/", helpers.permissions, name="permissions"),
    path(f"{USER}assistants/", helpers.assistants, name="assistants"),
    path(f"{USER}schedulers/", helpers.schedulers, name="schedulers"),
    path(f"{USER}<helpers:what>/remove/", helpers.RemoveAllView.as_view(), name="remove_helpers"),
    path(f"{USER}<helpers:what>/<str:helper_id>/remove/", helpers.remove_one, name="remove_helper"),
    path(f"{USER}groups/", groups.groups, name="groups"),
    path(f"{USER}groups/<str:group_id>/leave/", groups.leave, name="leave_group"),
    path(f"{USER}status/<status_action:action>/", acts.StatusView.as_view(), name="status"),
    path(f"{USER}token/revoke/", acts.RevokeTokenView.as_view(), name="revoke_token"),
    path(f"{USER}remove/", acts.remove, name="remove"),
    path(f"{USER}remove/confirm/", acts.RemoveView.as_view(), name="remove_confirm"),
]
