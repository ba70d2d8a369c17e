"""Settings of the test run: a data folder of its own, no broker, quick password hashes."""

import os
import tempfile

# Each process that runs tests beside others has a folder of its own; what a test starts inherits that of its test.
_runner = os.environ.get("PYTEST_XDIST_WORKER", "")
if os.environ.get("TEST_DATA_OF", "") != _runner or "PORTAL_DATA" not in os.environ:
    os.environ |= {"PORTAL_DATA": tempfile.mkdtemp(prefix="portal-test-"), "TEST_DATA_OF": _runner}
os.environ["BROKER_URL"] = "memory://localhost"  # without a host kombu warns at every connection
os.environ["CACHE_URL"] = "sql:"

from portal.settings import *  # noqa: E402, F403  # the environment must be set before the settings are read

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = DATA_DIR / "static"  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # in a fresh clone nothing was collected yet
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A file, not memory: threads and child processes of a test see the same rows.
DATABASES["default"].setdefault("TEST", {})  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["TEST"]["NAME"] = str(DATA_DIR / "test.sqlite3")  # noqa: F405
# Most tests run inside one transaction that is rolled back.
GATEWAY_IN_TRANSACTION = True
