"""Settings. The environment is read here and nowhere else; README.md has the table of variables."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF

from portal.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

PORTAL_ENV = env.choice("PORTAL_ENV", ("local", "production"), "local")
LOCAL = PORTAL_ENV == "local"
DEBUG = False
DATA_DIR = Path(env.text("PORTAL_DATA", str(BASE_DIR / "var")))
KEEP = DATA_DIR if LOCAL else None

SECRET_KEY = env.secret("SECRET_KEY", KEEP and KEEP / "secret_key")
FIELD_KEYS = env.field_keys("FIELD_KEYS", KEEP and KEEP / "field_keys")

# --- where things are ---------------------------------------------------------------------------------------------
PORT = env.number("PORT", 8000, 1, 65535)
SANDBOX_PORT = env.number("SANDBOX_PORT", 8001, 1, 65535)
SANDBOX = env.flag("SANDBOX", default=LOCAL)
SANDBOX_URL = env.url("SANDBOX_URL", ("http", "https"), f"http://127.0.0.1:{SANDBOX_PORT}/v2" if SANDBOX else "")
SANDBOX_FLAGS = env.text("SANDBOX_FLAGS")
# What the sandbox accepts when `manage.py up` starts it, and what the demo connection therefore holds.
SANDBOX_API_KEY = env.text("SANDBOX_API_KEY", "demo-master-key")
SANDBOX_API_SECRET = env.secret("SANDBOX_API_SECRET", DATA_DIR / "sandbox_secret") if SANDBOX else ""
VALKEY_PORT = env.number("VALKEY_PORT", 6399, 1, 65535)
EMBEDDED_VALKEY = not env.text("BROKER_URL")
_VALKEY = f"redis://127.0.0.1:{VALKEY_PORT}"
BROKER_URL = env.url("BROKER_URL", ("redis", "rediss", "amqp", "amqps", "memory"), f"{_VALKEY}/0")
# The demo's people sign in with this, and only while every connection leads to the sandbox.
DEMO_PASSWORD = env.text("DEMO_PASSWORD", "try-the-sandbox")
# A connection may only point at these hosts: nobody can send a master account's credentials elsewhere.
ZOOM_HOSTS = env.words("ZOOM_HOSTS", "api.zoom.us")
if SANDBOX_URL:
    ZOOM_HOSTS.append(urlsplit(SANDBOX_URL).netloc)

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if LOCAL else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
if not ALLOWED_HOSTS:
    env.problems.append("ALLOWED_HOSTS is missing: name the host names people use, separated by commas.")

DATABASE_URL = env.url("DATABASE_URL", ("sqlite", "postgres", "postgresql"), f"sqlite:///{DATA_DIR / 'portal.sqlite3'}")
# Permits of the rate limits live in Redis/Valkey, or in the portal's own database ("sql"). Beside SQLite they have a
# file that all processes of the machine share: quicker than a server, and not gone when the broker is.
_SLOTS_DEFAULT = f"{_VALKEY}/1" if EMBEDDED_VALKEY and not DATABASE_URL.startswith("sqlite") else "sql:"
CACHE_URL = env.url("CACHE_URL", ("redis", "rediss", "sql"), _SLOTS_DEFAULT)
WEB_PROCESSES = env.number("WEB_PROCESSES", 2, 1, 64)
WORKER_PROCESSES = env.number("WORKER_PROCESSES", 4, 1, 64)
# How long after a lost answer a write may still be applied at Zoom; only then is its outcome looked up.
SETTLE_SECONDS = env.number("SETTLE_SECONDS", 90, 1, 3600)
# The same for what Zoom would not refuse to create twice. Shorter times than these are for tests only.
SETTLE_KEYLESS_SECONDS = env.number("SETTLE_KEYLESS_SECONDS", 300, 1, 3600)
BULK_TIMING = {"settle": SETTLE_SECONDS, "settle_keyless": SETTLE_KEYLESS_SECONDS}
# A job with more deletions than this needs a second person, and one with more than the other does not begin at all.
BULK_APPROVAL_DELETES = env.number("BULK_APPROVAL_DELETES", 50, 0, 100_000)
BULK_MOST_DELETES = env.number("BULK_MOST_DELETES", 1000, 1, 100_000)
# Crash tests only: the process kills itself at this point ("P04:3": the third time it gets to P04).
CRASH_AT = env.text("CRASH_AT") if LOCAL else ""
SYNC_EVERY_MINUTES = env.number("SYNC_EVERY_MINUTES", 60, 1, 10080)
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=not LOCAL)
env.check()  # everything is read by now, so that all problems are told together
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # the database in it names people
(DATA_DIR / "uploads").mkdir(exist_ok=True)

DATABASES: dict[str, Any] = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # synchronous=FULL: an intent that was committed must outlive a power cut. IMMEDIATE: no lock upgrade can fail.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Sign-in limits are counted in the cache, and must survive its loss: so the cache is a table.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "heroicons",
    "template_partials",
    "zoomapi",
    "portal.access",
    "portal.gateway",
    "portal.audit",
    "portal.directory",
    "portal.bulk",
    "portal.ui",
    "portal.home",
    "portal.accounts",
    "portal.billing",
    "portal.users",
    "portal.groups",
    "portal.events",
    "portal.console",
    "portal.supervisor",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.access.middleware.AccessMiddleware",
    "portal.gateway.usage.UsageMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context.shell",
            ],
        },
    }
]

# --- people -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "access.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}}]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.access.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# --- what browsers may do -----------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
CSRF_FAILURE_VIEW = "portal.ui.errors.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not LOCAL:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILTERS_EMPTY_CHOICE_LABEL = "Any"  # of django-filter: what a filter offers that filters nothing
UPLOAD_DIR = DATA_DIR / "uploads"
UPLOAD_MAX_BYTES = 50 * 1024 * 1024
UPLOAD_MAX_ROWS = 100_000

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# --- Celery -------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Who rings does not wait for a broker that is gone: a person's click would take six seconds, and the next sweep of a
# worker finds the job anyway. A worker waits for its broker for as long as it takes, whatever stands here.
CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 1, "interval_start": 0.1, "interval_step": 0.1, "interval_max": 0.2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # a message is a doorbell; the rows are the work
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = WORKER_PROCESSES
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "portal.bulk.tasks.sweep", "schedule": 10.0},
    "find-twins": {"task": "portal.bulk.tasks.find_twins", "schedule": crontab(hour="3", minute="20")},
    "sync-due": {"task": "portal.directory.tasks.sync_due", "schedule": 60.0},
    "tidy": {"task": "portal.gateway.tasks.tidy", "schedule": 3600.0},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"urllib3": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
