"""Django application, so that ``manage.py zoom_coverage`` and ``manage.py sandbox`` are found."""

from django.apps import AppConfig


class ZoomApiConfig(AppConfig):
    name = "zoomapi"
    label = "zoomapi"
    verbose_name = "Zoom API"
