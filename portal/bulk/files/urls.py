"""Addresses of imports, below /jobs/import/."""

from django.urls import path

from portal.bulk.files import checked, views

urlpatterns = [
    path("import/", views.upload, name="upload"),
    path("import/kinds/", views.kinds, name="file_kinds"),
    path("import/sample.csv", views.sample, name="import_sample"),
    path("import/<uuid:job_id>/", views.columns, name="import_columns"),
    path("import/<uuid:job_id>/mapping/", views.mapping, name="import_mapping"),
    path("import/<uuid:job_id>/check/", checked.check, name="import_check"),
    path("import/<uuid:job_id>/start/", checked.start, name="import_start"),
    path("import/<uuid:job_id>/errors.csv", views.errors, name="import_errors"),
]
