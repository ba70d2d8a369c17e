"""The Zoom v2 API in Python: one declarative spec with two faces, a client and a sandbox server.

Shapes are Django REST framework serializers, and these read Django's settings when a class is built.
Inside the portal or the sandbox the settings are already named; in a plain Python shell they are not,
so a minimal set is configured here and ``from zoomapi.client import ZoomClient`` just works.
"""

import os

from django.conf import settings

if not settings.configured and "DJANGO_SETTINGS_MODULE" not in os.environ:
    settings.configure(USE_I18N=False, USE_TZ=True)
