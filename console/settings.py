"""Django's settings, made from `kernel.config`. Nothing here is meant to be edited per installation."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from console import logs
from console.databases import django_database
from kernel import config as kernel_config

BASE_DIR = Path(__file__).resolve().parent.parent
TUTELA = kernel_config.from_env()
kernel_config.make_home(TUTELA.home)
TUTELA_SECRETS = kernel_config.load_secrets(TUTELA.home)

DEBUG = False
SECRET_KEY = TUTELA_SECRETS.django_secret_key
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *TUTELA.allowed_hosts]
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
AUTH_USER_MODEL = "console.User"
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "ninja",
    "ui",
    "audit",
    "inventory",
    "telemetry",
    "guardrails",
    "governance",
    "console",
]

MIDDLEWARE = [
    "console.middleware.RequestIdMiddleware",
    "console.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "console.middleware.PreferencesMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "console.middleware.ActorMiddleware",
    "console.middleware.ErrorsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ui.context.shell",
            ],
            "builtins": ["ui.templatetags.ui", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

DATABASES = {"default": django_database(TUTELA.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Without EMAIL_URL nothing is sent; the demonstration writes its mails into a folder, since its people do not exist.
MAIL = TUTELA.email or (
    kernel_config.Email(folder=TUTELA.home / "mail") if (TUTELA.home / "demo.json").exists() else None
)
EMAIL_BACKEND = (
    "django.core.mail.backends.filebased.EmailBackend"
    if MAIL and MAIL.folder
    else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_FILE_PATH = str(MAIL.folder) if MAIL and MAIL.folder else None
EMAIL_HOST = MAIL.host if MAIL else ""
EMAIL_PORT = MAIL.port if MAIL else 25
EMAIL_HOST_USER = MAIL.user if MAIL else ""
EMAIL_HOST_PASSWORD = MAIL.password if MAIL else ""
EMAIL_USE_TLS = bool(MAIL and MAIL.security == "starttls")
EMAIL_USE_SSL = bool(MAIL and MAIL.security == "tls")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = TUTELA.email_from

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = TUTELA.home / "static"  # collected at set-up, named by content
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "console:sign_in"
LOGIN_REDIRECT_URL = "console:overview"
LOGOUT_REDIRECT_URL = "console:sign_in"

SESSION_COOKIE_NAME = "tutela_session"
SESSION_COOKIE_AGE = 12 * 3600  # a working day
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = TUTELA.secure_cookies
CSRF_COOKIE_NAME = "tutela_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = TUTELA.secure_cookies
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "console.views.errors.csrf_failed"
LANGUAGE_COOKIE_NAME = "tutela_language"
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

logs.configure()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [logs.remove_meta, logs.stamp, logs.render],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        name: {"level": "INFO"}
        for name in ("console", "audit", "inventory", "telemetry", "guardrails", "governance", "ui")
    },
}
