"""Site: Django's settings, made from the project; there is no settings file.

Errors: none of its own.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Project
from pipeline.curate.web.link import write_private

APP = "pipeline.curate.web"
LABEL = "curators"  # of the application: begins the names of its tables and permissions
DATABASE_FILE = "curate.db"
SECRET_FILE = "curate-secret"  # noqa: S105 - its name, not what is in it
SECRET_BYTES = 48
SESSION_S = 10 * 3600  # a working day: then everybody logs in again
LOCAL_HOSTS = ("127.0.0.1", "localhost")
MIN_PASSWORD = 12  # characters
BUSY_TIMEOUT_S = 10
MAX_BODY_BYTES = 1_000_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Site:
    """How the page is reached; `is_secure` says that browsers come by HTTPS."""

    project: Project
    hosts: tuple[str, ...] = LOCAL_HOSTS
    is_secure: bool = False
    is_behind_proxy: bool = False


def configure(site: Site) -> None:
    """Start Django for one project, once a process, and bring its database up to date."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(**make_settings(site))
    django.setup()
    path = site.project.state / DATABASE_FILE
    path.touch(mode=0o600)
    call_command("migrate", verbosity=0, interactive=False)
    from pipeline.curate.web.accounts import make_roles

    make_roles()


def find_site() -> Site:
    """Find the site that this process serves."""
    from django.conf import settings

    site: Site = settings.CALLREASONS
    return site


def read_secret(project: Project) -> str:
    """Read the key that signs sessions and forms, for its owner alone; the first call makes it."""
    path = project.state / SECRET_FILE
    if not path.exists():
        write_private(path, secrets.token_urlsafe(SECRET_BYTES))
    return path.read_text(encoding="utf-8")


def make_settings(site: Site) -> dict[str, object]:
    """Make all of Django's settings."""
    settings: dict[str, object] = {
        "CALLREASONS": site,
        "DEBUG": False,
        "SECRET_KEY": read_secret(site.project),
        "ALLOWED_HOSTS": list(site.hosts),
        "ROOT_URLCONF": f"{APP}.urls",
        "INSTALLED_APPS": [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "django_htmx",
            f"{APP}.apps.CuratorsConfig",
        ],
        "MIDDLEWARE": [
            f"{APP}.headers.SafeHeaders",
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django_htmx.middleware.HtmxMiddleware",
            "django.contrib.auth.middleware.LoginRequiredMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "DIRS": [Path(__file__).with_name("templates")],
                "OPTIONS": {"environment": f"{APP}.drawn.make_environment"},
            }
        ],
        "DATABASES": {"default": _make_database(site.project)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "LOGIN_URL": "log_in",
        "LOGIN_REDIRECT_URL": "start",
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": False,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": MAX_BODY_BYTES,
        "LOGGING": LOGGING,
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
            for name, options in VALIDATORS.items()
        ],
    }
    return settings | _make_security(site)


# Errors go to the terminal by kind and place alone: a message could hold a customer's words.
LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"place": {"()": f"{APP}.headers.PlaceFormatter"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "place", "level": "ERROR"}},
    "loggers": {"django": {"handlers": ["terminal"], "level": "ERROR", "propagate": False}},
}
VALIDATORS: dict[str, dict[str, object]] = {
    "MinimumLengthValidator": {"min_length": MIN_PASSWORD},
    "CommonPasswordValidator": {},
    "NumericPasswordValidator": {},
    "UserAttributeSimilarityValidator": {"user_attributes": ("username",)},
}


def _make_database(project: Project) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": project.state / DATABASE_FILE,
        "OPTIONS": {
            "timeout": BUSY_TIMEOUT_S,
            "transaction_mode": "IMMEDIATE",
            "init_command": "pragma journal_mode = wal; pragma synchronous = normal;",
        },
    }


def _make_security(site: Site) -> dict[str, object]:
    settings: dict[str, object] = {
        "SESSION_COOKIE_NAME": "callreasons_session",
        "SESSION_COOKIE_AGE": SESSION_S,
        "SESSION_COOKIE_SECURE": site.is_secure,
        "CSRF_COOKIE_NAME": "callreasons_form",
        "CSRF_COOKIE_SECURE": site.is_secure,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_FAILURE_VIEW": f"{APP}.mistakes.refuse_forgery",
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_SSL_REDIRECT": site.is_behind_proxy,
    }
    proxied = {"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https")} if site.is_behind_proxy else {}
    return settings | proxied
