"""Sign-in, one's own pages, administration of people.

Of allauth's many addresses only sign-in and sign-out exist here. A second factor brings its own when it comes.
"""

from allauth.account.views import login
from django.urls import include, path

from portal.access.views import own, staff

_named = [
    path("welcome/<str:uidb64>/<str:token>/", own.Welcome.as_view(), name="welcome"),
    path("you/", own.profile, name="profile"),
    path("you/kept/", own.kept_form, name="kept"),
    path("staff/", staff.staff_list, name="staff"),
    path("staff/add/", staff.staff_add, name="staff_add"),
    path("staff/<int:staff_id>/", staff.person, name="person"),
    path("staff/<int:staff_id>/link/", staff.person_link, name="person_link"),
    path("staff/<int:staff_id>/active/", staff.person_active, name="person_active"),
    path("staff/<int:staff_id>/grants/", staff.grant_add, name="grant_add"),
    path("staff/<int:staff_id>/grants/<int:grant_id>/remove/", staff.grant_remove, name="grant_remove"),
]

urlpatterns = [
    path("sign-in/", login, name="account_login"),
    path("sign-out/", own.SignOut.as_view(), name="account_logout"),
    path("you/password/", own.password, name="account_change_password"),
    path("", include((_named, "access"))),
]
