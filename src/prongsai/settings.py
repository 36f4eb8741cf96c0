"""Django's settings, drawn from the environment alone; ``prongsai.environment`` lists the variables."""

import os
import secrets
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from prongsai.environment import DEMO_PAGES_HOST, load_environment

ENVIRONMENT = load_environment()
DATA = ENVIRONMENT.data.resolve()
KEYS = ENVIRONMENT.keys.resolve() if ENVIRONMENT.keys else None  # DATA / "keys"


def _load_secret_key() -> str:
    """The key from the environment, or one generated once and stored beside the database, or in the key folder that
    several machines share; readable by its owner alone."""
    if ENVIRONMENT.secret_key is not None:
        return ENVIRONMENT.secret_key.get_secret_value()
    DATA.mkdir(parents=True, exist_ok=True)
    path = (KEYS or DATA) / "secret_key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"secret_key.{secrets.token_hex(4)}.part")
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
        with suppress(FileExistsError):  # of two that start at once, one gives the key, and it is whole
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii")


def _describe_bucket(place: str) -> dict[str, Any]:
    """The entry of STORAGES for ``s3://bucket/folder?endpoint=https://…&region=…``. Its keys are those of every client
    of the protocol: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the role of the machine."""
    parts = urlsplit(place)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "endpoint_url": options.get("endpoint"),
            "region_name": options.get("region"),
            "addressing_style": "path" if "endpoint" in options else None,
            "signature_version": "s3v4",
            "max_memory_size": 4 * 1024 * 1024,  # beyond that on this machine's disk
            "file_overwrite": True,
            "default_acl": None,  # as private as the bucket
        },
    }


DEBUG = False
SECRET_KEY = _load_secret_key()
DEMO = ENVIRONMENT.demo
HTTPS = ENVIRONMENT.https
NATIONAL_AGENCY = ENVIRONMENT.national_agency
OFFICE_CONTACT = ENVIRONMENT.office_contact
ALLOWED_HOSTS = list(ENVIRONMENT.hosts)
# where a mail leads that no request asked for: the first name of the site that is one; none on a machine of one's own
SITE = next(
    (f"http{'s' * HTTPS}://{h}" for h in ALLOWED_HOSTS if "." in h.strip(".") and not h.startswith(("*", ".", "127."))),
    "",
)
# where pages that agencies write here are filed: an address as the public opens it, whatever name an officer came by
PAGES_SITE = SITE or (f"http://{DEMO_PAGES_HOST}" if DEMO else "")
if DEMO:
    ALLOWED_HOSTS.append(DEMO_PAGES_HOST)
CSRF_TRUSTED_ORIGINS = [f"https://{h}" for h in ALLOWED_HOSTS if h not in ("*", "[::1]")] if HTTPS else []

INSTALLED_APPS = [
    "prongsai.machines",
    "prongsai.jobs",
    "prongsai.people.apps.PeopleConfig",
    "prongsai.publiclog.apps.PubliclogConfig",
    "prongsai.rulebooks",
    "prongsai.registry",
    "prongsai.survey",
    "prongsai.disclosure",
    "prongsai.results",
    "prongsai.improvement",
    "prongsai.documents",
    "prongsai.sites",
    "prongsai.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # a page of the sign-in library about passkeys asks for it
    "django.forms",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "prongsai.web.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "prongsai.web.middleware.BrowserFeaturesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "prongsai.web.middleware.OpenDataMiddleware",  # outside of stored pages
    "prongsai.web.rendered_pages.RenderedPagesMiddleware",  # outside of sessions: a stored page asks for none
    "django.contrib.sessions.middleware.SessionMiddleware",
    "prongsai.web.middleware.LanguageMiddleware",
    "prongsai.web.middleware.NullCharacterMiddleware",
    "django.middleware.common.CommonMiddleware",
    "prongsai.web.middleware.AssessmentMiddleware",
    "prongsai.web.middleware.FormPageMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "prongsai.web.middleware.SignedInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "prongsai.web.api.EtagMiddleware",
    "prongsai.machines.replica.ReplicaMiddleware",  # the last: only views read the copy
]

if DEMO:
    MIDDLEWARE.insert(
        MIDDLEWARE.index("django.middleware.common.CommonMiddleware") + 1, "prongsai.cli.demo_pages.DemoSiteMiddleware"
    )

ROOT_URLCONF = "prongsai.urls"
WSGI_APPLICATION = "prongsai.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "prongsai.web.context.site_context",
            ],
            "builtins": [
                "prongsai.web.templatetags.prongsai",
                "prongsai.web.templatetags.components",
                "prongsai.web.templatetags.citing",
            ],
        },
    }
]
FORM_RENDERER = "prongsai.web.forms.FormRenderer"

DATABASES = {
    "default": dj_database_url.parse(
        ENVIRONMENT.database_url.get_secret_value()
        if ENVIRONMENT.database_url
        else f"sqlite:///{DATA / 'prongsai.sqlite3'}",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits for its turn instead of failing half-way
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA recursive_triggers=ON; PRAGMA secure_delete=ON; "
        "PRAGMA synchronous=FULL; PRAGMA cache_size=-64000; PRAGMA mmap_size=268435456;",
    }
if ENVIRONMENT.database_replica:
    replica = dj_database_url.parse(
        ENVIRONMENT.database_replica.get_secret_value(), conn_max_age=600, conn_health_checks=True
    )
    read_only = {"connect_timeout": 2, "options": "-c default_transaction_read_only=on"}
    replica["OPTIONS"] = read_only | replica.get("OPTIONS", {})
    DATABASES["replica"] = replica
    DATABASE_ROUTERS = ["prongsai.machines.replica.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # of the sign-in library; what must not be forgotten is in tables
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "limits_cache"},
    # counts searches, in each process for itself: a write to the database for every key pressed would cost more than it
    # saves
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 5000}},
}

# --- background work

JOBS_BY_WORKERS = ENVIRONMENT.workers
JOBS_LEASE = ENVIRONMENT.jobs_lease  # seconds without a sign of life after which another worker takes a job over
JOBS_RETRY = ENVIRONMENT.jobs_retry  # seconds before the second try; four times as long before each further one

SCORING_ENGINE = ENVIRONMENT.scoring_engine
BACKUPS = ENVIRONMENT.backups
LOG_ORIGIN = ENVIRONMENT.log_origin
LOG_WITNESSES = ENVIRONMENT.log_witnesses
LOG_TIMESTAMPS = ENVIRONMENT.log_timestamps

# --- people

AUTH_USER_MODEL = "people.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # an address is unique whatever its case, by a constraint of ours
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"prongsai.people.passwords.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # an invitation is good for a week; see people.password_links
SECOND_FACTOR = ENVIRONMENT.https if ENVIRONMENT.second_factor is None else ENVIRONMENT.second_factor
RECENT_SIGN_IN = ENVIRONMENT.recent_sign_in  # minutes
LEAST_SHARE = ENVIRONMENT.least_share  # per cent
SECOND_PERSON = ENVIRONMENT.second_person
ACCOUNT_ADAPTER = "prongsai.people.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "prongsai.people.adapters.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from invitations
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_RATE_LIMITS = False  # the library counts in a cache, which evicts; see people.limits
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "prongsai.people.password_links.PasswordLinkTokens"  # noqa: S105  # its name
ACCOUNT_FORMS = {"reset_password": "prongsai.people.sign_in_forms.PasswordLinkForm"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if HTTPS else 0
MFA_ADAPTER = "prongsai.people.adapters.MFAAdapter"
MFA_RATE_LIMITS = False  # of passkeys, which cannot be guessed
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "prongsai.people.sign_in_forms.AuthenticateCodeForm",
    "reauthenticate": "prongsai.people.sign_in_forms.ReauthenticateCodeForm",
    "activate_totp": "prongsai.people.sign_in_forms.ActivateCodeForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Prongsai"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SOCIALACCOUNT_ONLY = False
OIDC_NAME = ENVIRONMENT.oidc_name if ENVIRONMENT.oidc_issuer else ""
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # within the limits of our adapter: an officer's invitation that is open
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = {}
if ENVIRONMENT.oidc_issuer:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": ENVIRONMENT.oidc_name,
                "client_id": ENVIRONMENT.oidc_client_id,
                "secret": ENVIRONMENT.oidc_client_secret.get_secret_value(),
                "settings": {"server_url": ENVIRONMENT.oidc_issuer},
            }
        ],
    }
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "prongsai_session"
SESSION_COOKIE_SAMESITE = "Lax"

# --- the browser

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "prongsai.web.views.errors.csrf_failure"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health(/live|/ready)?$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
OIDC_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(ENVIRONMENT.oidc_issuer))] if ENVIRONMENT.oidc_issuer else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *OIDC_ORIGINS],  # sign-in by the national ID starts with a form
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- uploads: streamed to disk, measured as they come

MAX_UPLOAD = 20 * 1024 * 1024  # bytes, of one request; the same as lib.uploads, which a test compares
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 30  # more than a follow-up takes, so that it can say so
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_HANDLERS = [
    "prongsai.web.uploads.UploadSizeLimit",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
SHARED_FILES = ENVIRONMENT.files
MEDIA_ROOT = DATA / "files"  # never served as it is; of several machines each one's working copies

# --- the survey

SURVEY_GROUP_COMMIT = ENVIRONMENT.workers  # many submissions to a commit
PROOF_OF_WORK = ENVIRONMENT.proof_of_work  # bits, on open links
SURVEY_DRY = ENVIRONMENT.survey_dry  # the bench alone: answers are read, checked and thrown away

# --- links of disclosures

PAGES_BYTES = ENVIRONMENT.pages_mb * 2**20
PAGES_MAX_AGE = 1.0  # seconds until a process asks again what has changed
LINKS_CONTACT = ENVIRONMENT.links_contact or f"mailto:{ENVIRONMENT.email_from}"
LINKS_TRIES = ENVIRONMENT.links_tries
LINKS_SPREAD = ENVIRONMENT.links_spread
LINKS_DAYS = ENVIRONMENT.links_days
RENDERING = ENVIRONMENT.rendering
LINKS_ALLOW = [(str(address), port) for address, port in ENVIRONMENT.links_allow]
LINKS_HOSTS = {host: str(address) for host, (address, _) in ENVIRONMENT.links_hosts.items()}
LINKS_FORWARDS = {host: port for host, (_, port) in ENVIRONMENT.links_hosts.items() if port is not None}

# --- language and time

LANGUAGE_CODE = "th"
LANGUAGES = [("th", "ไทย"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Bangkok"

STATIC_URL = "static/"
STATIC_ROOT = DATA / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "prongsai.web.static_files.StylesFinder",
]
STORAGES = {
    "default": _describe_bucket(ENVIRONMENT.files)
    if ENVIRONMENT.files
    else {"BACKEND": "prongsai.machines.storage.DurableFileStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if isinstance(BACKUPS, str):
    STORAGES["backups"] = _describe_bucket(BACKUPS)
WHITENOISE_MAX_AGE = 3600

# --- mail

if ENVIRONMENT.email_url is None and DEMO:  # not over the address and the accounts that the terminal shows
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA / "mail"
elif ENVIRONMENT.email_url is None:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = ENVIRONMENT.email_url.host
    EMAIL_PORT = ENVIRONMENT.email_url.port or 25
    EMAIL_HOST_USER = unquote(ENVIRONMENT.email_url.username or "")
    EMAIL_HOST_PASSWORD = unquote(ENVIRONMENT.email_url.password or "")
    EMAIL_USE_TLS = ("tls", "1") in ENVIRONMENT.email_url.query_params()
    EMAIL_USE_SSL = ("ssl", "1") in ENVIRONMENT.email_url.query_params()
    EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.email_from
EMAIL_SUBJECT_PREFIX = "[โปร่งใส] "

# --- seeing: nothing of it is on unless the installation asks for it

METRICS, METRICS_WORKER = ENVIRONMENT.metrics, ENVIRONMENT.metrics_worker
METRICS_TOKEN = ENVIRONMENT.metrics_token.get_secret_value() if ENVIRONMENT.metrics_token else ""
TRACES = ENVIRONMENT.traces or ""
SENTRY = ENVIRONMENT.sentry.get_secret_value() if ENVIRONMENT.sentry else ""
SLOW_QUERIES = ENVIRONMENT.slow_queries  # milliseconds
REQUEST_ID_HEADER = ENVIRONMENT.request_id_header

# --- logs: JSON lines, or colours on a terminal

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structlog": {"()": "prongsai.web.logs.build_formatter"}},
    "filters": {"quiet": {"()": "prongsai.web.logs.QuietFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structlog", "filters": ["quiet"]}},
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
    "loggers": {
        "django.server": {"handlers": [], "propagate": False},
        "django.request": {"level": "ERROR"},  # each refused request already has its line
        **{name: {"level": "WARNING"} for name in ("fontTools", "httpcore", "pdfminer", "pikepdf")},
    },
}
