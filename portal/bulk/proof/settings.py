"""Settings of a chaos run: the portal's own, with the engine's times cut down to what a run can wait for."""

from pathlib import Path

from portal.bulk.proof import clock
from portal.settings import *  # noqa: F403  # the portal's settings, but for the times
from portal.settings import env

if _file := env.text("CHAOS_CLOCK"):
    clock.install(Path(_file))

BULK_TIMING = {
    "lease": 9, "deadline": 5, "settle": 4, "settle_keyless": 5, "loop": 15, "heart": 2, "tries": 30,
}  # fmt: skip
# Nobody looks at these pages, and nobody guesses these passwords: both only cost time before the run begins.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
