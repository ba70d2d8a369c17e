from django.urls import path

from portal.accounts.views import change, create, detail, listing, many

app_name = "accounts"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("export/", listing.export, name="export"),
    path("choose/", many.choose, name="choose"),
    path("change/", many.ManyView.as_view(), name="many"),
    path("new/", create.create, name="create"),
    path("new/state/", create.state, name="state"),
    path("new/<uuid:job_id>/", create.preview, name="preview"),
    path("<int:account_id>/", detail.detail, name="detail"),
    path("<int:account_id>/options/", change.OptionsView.as_view(), name="options"),
    path("<int:account_id>/settings/", change.SettingsView.as_view(), name="settings"),
    path("<int:account_id>/disassociate/", change.DisassociateView.as_view(), name="disassociate"),
]
