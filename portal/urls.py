"""All addresses. Each room brings its own; each name stands in portal/access/matrix.py or the tests fail."""

from django.urls import include, path

urlpatterns = [
    path("", include("portal.home.urls")),
    path("", include("portal.access.urls")),
    path("connections/", include("portal.gateway.urls")),
    path("audit/", include("portal.audit.urls")),
    path("accounts/", include("portal.accounts.urls")),
    path("accounts/", include("portal.billing.urls")),
    path("users/", include("portal.users.urls")),
    path("groups/", include("portal.groups.urls")),
    path("meetings/", include("portal.events.urls", namespace="meetings")),
    path("webinars/", include("portal.events.urls", namespace="webinars")),
    path("console/", include("portal.console.urls")),
    path("jobs/", include("portal.bulk.urls")),
    path("directory/", include("portal.directory.urls")),
]

handler400 = "portal.ui.errors.bad_request"
handler403 = "portal.ui.errors.forbidden"
handler404 = "portal.ui.errors.not_found"
handler500 = "portal.ui.errors.server_error"
