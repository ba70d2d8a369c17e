from django.urls import path

from portal.billing import views

app_name = "billing"
urlpatterns = [
    path("<int:account_id>/plans/", views.plans, name="plans"),
    path("<int:account_id>/plans/subscribe/", views.subscribe, name="subscribe"),
    path("<int:account_id>/plans/subscribe/<uuid:job_id>/", views.preview, name="preview"),
    path("<int:account_id>/plans/base/", views.change_base, name="base"),
    path("<int:account_id>/plans/base/confirm/", views.PlanConfirm.as_view(), name="base_confirm"),
    path("<int:account_id>/plans/addon/", views.addon, name="addon"),
    path("<int:account_id>/plans/addon/confirm/", views.AddonConfirm.as_view(), name="addon_confirm"),
    path("<int:account_id>/contact/", views.ContactView.as_view(), name="contact"),
]
