"""Django settings of the sandbox. It uses Django's database layer only: no views, no middleware, no templates."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]

SECRET_KEY = "unused"  # noqa: S105  # Django wants one; the sandbox signs nothing with it
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
INSTALLED_APPS = ["zoomapi.sandbox"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SANDBOX_DATABASE") or str(PROJECT_ROOT / "var" / "sandbox.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            # NORMAL: a killed process loses nothing in WAL mode, only a power cut could.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
        },
        "CONN_MAX_AGE": None,
    }
}
# Field messages are made in English whatever the caller's locale; shapes are used without requests.
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
