from django.urls import path

from portal.groups import changes, chosen, views

app_name = "groups"
urlpatterns = [
    path("", views.listing, name="list"),
    path("choose/", chosen.choose, name="choose"),
    path("remove/", chosen.RemoveChosenView.as_view(), name="remove_chosen"),
    path("<int:account_id>/", views.of_account, name="account"),
    path("<int:account_id>/new/", changes.create, name="create"),
    path("<int:account_id>/<str:group_id>/", views.detail, name="detail"),
    path("<int:account_id>/<str:group_id>/rename/", changes.RenameView.as_view(), name="rename"),
    path("<int:account_id>/<str:group_id>/delete/", changes.DeleteView.as_view(), name="delete"),
    path("<int:account_id>/<str:group_id>/add/", changes.add, name="add"),
    path("<int:account_id>/<str:group_id>/members/choose/", chosen.choose_members, name="choose_members"),
    path("<int:account_id>/<str:group_id>/members/change/", chosen.ChangeMembersView.as_view(), name="change_members"),
    path("<int:account_id>/<str:group_id>/members/<str:member_id>/remove/", changes.remove, name="remove_member"),
]
