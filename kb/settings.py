"""Settings: one file, driven by the environment; the defaults suit a machine of one's own.

Production is what the environment says (``PRODUCTION=1``) or implies (``ALLOWED_HOSTS`` is set).
There the app refuses to start without a secret key and allowed hosts.
"""

import os
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / ".var"

env = environ.Env()
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
PRODUCTION = env.bool("PRODUCTION", default=bool(ALLOWED_HOSTS))
# Not read through django-environ, which takes a value that begins with "$" for another's name.
SECRET_KEY = os.environ.get("SECRET_KEY", "")

if PRODUCTION:
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing or shorter than 50 characters. Make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS is missing: name the hosts this site answers to.")
    if DEBUG:
        raise ImproperlyConfigured("DEBUG shows settings to strangers: not with PRODUCTION.")
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=63_072_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
else:
    SECRET_KEY = SECRET_KEY or "for-one-machine-only-and-of-no-use-anywhere-else-0123456789"
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "kb",
    "principles",
    "organizations",
    "taggit",
    "reversion",
    "import_export",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "kb.signin",
    "kb.textcheck",
    "csp",
    "kb.apps.EditorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",  # The first, so that no response goes without it.
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Guessing passwords: so many attempts for a name from an address, then minutes of waiting.
AXES_FAILURE_LIMIT = env.int("SIGN_IN_LIMIT", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("SIGN_IN_COOL_OFF", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "kb.signin.addresses.client_address"
AXES_LOCKOUT_CALLABLE = "kb.signin.views.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
AXES_ENABLE_ADMIN = False  # kb.signin shows them.
# The proxies whose X-Forwarded-For is believed: addresses, networks, "unix" for a Unix socket.
proxies = env.list("TRUSTED_PROXIES", default=[])
TRUSTED_UNIX_SOCKET = "unix" in proxies
try:
    TRUSTED_PROXIES = [ip_network(each) for each in proxies if each != "unix"]
except ValueError as error:
    raise ImproperlyConfigured(f"TRUSTED_PROXIES: {error}.") from None

# Whether every editor shows a second factor; who has set one up always does.
KB_SECOND_FACTOR = env.bool("KB_SECOND_FACTOR", default=PRODUCTION)
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # A claim with a thousand citations.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 2**20  # A pasted text of 10 MB, its line breaks as CR LF.
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "kb.views.errors.signed_out"
SECURE_REFERRER_POLICY = "same-origin"
# Everything is served by us, and nothing stands inline: neither script nor style.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

ROOT_URLCONF = "kb.urls"
WSGI_APPLICATION = "kb.wsgi.application"

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
                "kb.context.site",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
if "ENGINE" not in DATABASES["default"]:
    raise ImproperlyConfigured(
        "DATABASE_URL is none: write sqlite:////a/file.sqlite3 or postgres://user@host:5432/name."
    )
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,  # seconds; storing 10 MB of text takes several
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

TAGGIT_CASE_INSENSITIVE = True
TAGGIT_TAGS_FROM_STRING = "kb.theming.by_commas"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Spreadsheets between preview and confirmation, for an hour; all worker processes share them.
    "uploads": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": env("UPLOADS_DIR", default=str(VAR_DIR / "uploads")),
        "TIMEOUT": 3600,
        "OPTIONS": {"MAX_ENTRIES": 30},
    },
}
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# The knowledge base's own.
KB_TITLE = env("KB_TITLE", default="Foreign policy of Azerbaijan")
KB_SUBTITLE = env("KB_SUBTITLE", default="as the sources word it")
# Where "report a mistake" writes to. Without an address the page says how else to report.
KB_REPORT_ADDRESS = env("KB_REPORT_ADDRESS", default="" if PRODUCTION else "editors@localhost")
# How many texts may be checked from one address in a minute, by each worker process.
KB_CHECKS_A_MINUTE = env.int("KB_CHECKS_A_MINUTE", default=20)
OTP_TOTP_ISSUER = KB_TITLE
# Lets somebody publish what they wrote themselves: for a team of one.
KB_SELF_PUBLISHING = env.bool("KB_SELF_PUBLISHING", default=False)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "kb.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "kb.editors": {"level": "INFO"},
        "axes": {"level": "ERROR"},  # kb.editors says the same, with names.
        # A request for a foreign host is answered with 400; it is no error of ours.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}
