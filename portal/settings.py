"""The one settings module. Everything that differs between installations comes from the environment."""

import tomllib
from pathlib import Path

from csp.constants import NONE, SELF

from portal import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(environment.env.str("VAR_DIR", str(BASE_DIR / "var"))).absolute()

BASE_URL = environment.base_url("BASE_URL", "http://localhost:8000")
STORAGE = environment.storage_url("STORAGE_URL", str(VAR_DIR / "files"))
SERVE_FILES = environment.serve_files("SERVE_FILES", STORAGE)
TRUSTED_PROXY_COUNT = environment.whole_number("TRUSTED_PROXY_COUNT", 0)
PORTAL_KEYS = Path(environment.env.str("PORTAL_KEYS", str(VAR_DIR / "portal.keys"))).absolute()
CLAMAV = environment.scanner_url("CLAMAV_URL")
CLAMAV_MAX_BYTES = environment.whole_number("CLAMAV_MAX_BYTES", 1_990_000_000, least=1)  # clamd itself ends at 2 GiB
MAX_UPLOAD_BYTES = environment.whole_number("MAX_UPLOAD_BYTES", 50_000_000_000, least=1)
KEEP_FREE_BYTES = environment.whole_number("KEEP_FREE_BYTES", 64 * 1024**2)  # a full disk stops the database too

# For whoever watches the server
METRICS_ALLOWED = environment.networks("METRICS_ALLOWED")
LOG_FORMAT = environment.one_of("LOG_FORMAT", ("text", "json"))
LOG_REQUESTS = environment.yes_or_no("LOG_REQUESTS")
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

DEBUG = False
SECRET_KEY = environment.secret_key("SECRET_KEY", BASE_URL, VAR_DIR)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"] if BASE_URL.is_local else [BASE_URL.host]
CSRF_TRUSTED_ORIGINS = [BASE_URL.origin]

INSTALLED_APPS = [
    "portal",
    "operations",
    "reports",
    "activity",
    "notices",
    "organizer",
    "files",
    "accounts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.admin.apps.SimpleAdminConfig",  # portal.admin says what is shown; nothing is discovered
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "csp",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "operations.health.HealthMiddleware",
    "operations.mirror.MirrorMiddleware",
    "operations.metrics.MetricsMiddleware",
    "activity.middleware.ActivityMiddleware",
    "portal.middleware.WatchingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before all that may answer by itself: static files, redirects and refusals have these headers too
    "portal.middleware.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.StreamingMiddleware",
    "reports.turns.TurnsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.FirmMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
]

FORM_RENDERER = "portal.forms.FaceRenderer"
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
                "portal.context.firm",
            ],
            "builtins": ["portal.templatetags.face", "django.templatetags.static"],
        },
    }
]

DATABASES = {"default": environment.database_url("DATABASE_URL", f"sqlite:///{VAR_DIR}/portal.sqlite3")}
PG_BIN = environment.text("PG_BIN", "")  # the folder of pg_dump and pg_restore, where they are not on PATH
BACKUP_PASSPHRASE = environment.text("BACKUP_PASSPHRASE", "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": environment.cache_url("CACHE_URL")}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
BREACHED_PASSWORDS = environment.hash_list("BREACHED_PASSWORDS")
PASSWORD_RESET_TIMEOUT = 3600  # the pages and mails say an hour
PASSWORD_HASHERS = ["accounts.hashers.FewAtOnceHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.GuessableValidator"},
    {"NAME": "accounts.passwords.BreachedValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_RATE_LIMITS = {  # beside allauth's own; in the shared cache
    "invitation": "30/m/ip",
    "invite_again": "5/h/key",
    "request_link": "60/m/ip",
    "request_link_code": "5/h/key,20/h/ip",
    "request_link_try": "25/h/key,60/h/ip",
    "verify_receipt": "20/m/ip",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by invitation, which proves the address
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reset_password": "accounts.forms.PasswordResetForm",
    "reset_password_from_key": "accounts.forms.PasswordFromLinkForm",
    "change_password": "accounts.forms.PasswordChangeForm",
    "reauthenticate": "accounts.sign_in_forms.PasswordAgainForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = 7 * 24 * 3600  # the firm's own limits are shorter: accounts.middleware
# A __Host- cookie is taken over HTTPS only, from this very host only
_prefix = "__Host-" if BASE_URL.is_secure else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_prefix}portal_session", f"{_prefix}portal_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.is_secure
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "portal.messages.NewestInSession"
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.is_local
MFA_TOTP_TOLERANCE = 0
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # invitations prove addresses; unverified is only the one somebody changes to
MFA_FORMS = {
    "authenticate": "accounts.sign_in_forms.CodeForm",
    "authenticate_webauthn": "accounts.sign_in_forms.PasskeyForm",
    "login_webauthn": "accounts.sign_in_forms.PasskeySignInForm",
    "reauthenticate": "accounts.sign_in_forms.ReauthenticateCodeForm",
    "reauthenticate_webauthn": "accounts.sign_in_forms.ReauthenticatePasskeyForm",
    "activate_totp": "accounts.sign_in_forms.SetUpAppForm",
    "add_webauthn": "accounts.sign_in_forms.AddPasskeyForm",
}
USERSESSIONS_TRACK_ACTIVITY = False  # it writes with every request; the portal does once a minute
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"

# Transport
SECURE_SSL_REDIRECT = BASE_URL.is_secure
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if BASE_URL.is_secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BASE_URL.is_secure
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BASE_URL.is_secure and TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "frame-src": [SELF],  # a preview: the only thing here that lets itself be framed
        "connect-src": [SELF, *STORAGE.origins],  # parts of a file go straight to the bucket
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Bodies: a file goes through files.uploads, never into memory or a temporary file of Django's
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024**2  # a list of clients to import, or a logo; what is longer is not kept
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a section of an organizer with many W-2s
DATA_UPLOAD_MAX_NUMBER_FILES = 2_000  # they are counted when they have come: their bytes are what is limited
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "America/New_York"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # unused: see files.storage
    "staticfiles": {"BACKEND": "portal.staticfiles.StaticStorage"},
}
WHITENOISE_MAX_AGE = 3600

# Mail
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.env.str("EMAIL_FROM", f"Firm Portal <portal@{BASE_URL.host}>")
_email = environment.email_url("EMAIL_URL")
if _email is None:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
else:
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"], _email["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _email["EMAIL_USE_TLS"], _email["EMAIL_USE_SSL"]
    EMAIL_TIMEOUT = 20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname} {request_id} {name} {message}", "style": "{"},
        "json": {"()": "portal.log_lines.JsonLines"},
    },
    "filters": {"request": {"()": "portal.log_lines.RequestLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"level": "WARNING"}},
}

ENVIRONMENT_NAMES = tuple(environment.env.dump())  # all that was read above: a backup keeps their values
