"""How is Throughline wired? One file, driven by the environment, which is read through `config.env`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from redis.backoff import NoBackoff
from redis.retry import Retry

from config import backoffice, csp, embedded, env, handover, logs, secrets

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("THROUGHLINE_DATA") or BASE_DIR / ".data")

# --- who may start it ---------------------------------------------------------------------------------------------

SECRETS = secrets.load(DATA_DIR)
SECRET_KEY = SECRETS["SECRET_KEY"]
FIELD_KEYS_OLD = env.words("FIELD_KEYS_OLD")
BLIND_INDEX_VERSION = env.number("BLIND_INDEX_VERSION", 1)
BLIND_INDEX_KEYS_OLD = {int(part.split(":")[0]): part.split(":")[1] for part in env.words("BLIND_INDEX_KEYS_OLD")}
TOMBSTONE_KEYS_OLD = env.words("TOMBSTONE_KEYS_OLD")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
DEBUG = env.flag("DEBUG")
SANDBOX = env.flag("SANDBOX")
ALLOW_UNSAFE_DATABASE = env.flag("ALLOW_UNSAFE_DATABASE")  # test databases only: see config/durability.py

PUBLIC_URL = env.text("PUBLIC_URL", "http://localhost:8000").rstrip("/")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or "localhost"
IS_HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", PUBLIC_HOST if IS_HTTPS else f"{PUBLIC_HOST},localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", PUBLIC_URL)
NUM_PROXIES = env.number("NUM_PROXIES", 0)
METRICS_TOKEN = env.text("METRICS_TOKEN")  # opens /metrics to a Prometheus server; staff need none
INSIDE_HOSTS = env.words("INSIDE_HOSTS")  # `host` or `host:port` that fetches may reach although it is not public
CONNECTION_PRIVATE_HOSTS = env.words("CONNECTION_PRIVATE_HOSTS")  # the same for connections; no page grants it
KNOWLEDGE_LANGUAGE = env.text("KNOWLEDGE_LANGUAGE", "en")  # the articles that answer where the customer's has none
KNOWLEDGE_MIN_RANK = env.decimal("KNOWLEDGE_MIN_RANK", 0.3)  # from 0 to 1: below it three titles are offered
KNOWLEDGE_FEEDBACK = env.flag("KNOWLEDGE_FEEDBACK")  # asks "Did that help?" below an answer, by buttons
KNOWLEDGE_GAP = env.decimal("KNOWLEDGE_GAP", 1.5)  # so many times the runner-up's rank has a sure answer

# The optional language model: off while LLM_URL is empty.
LLM_URL = env.text("LLM_URL").rstrip("/")  # an OpenAI-compatible API, up to and without /chat/completions
LLM_KEY = env.text("LLM_KEY")
LLM_MODEL = env.text("LLM_MODEL", "default")
LLM_TIMEOUT = env.number("LLM_TIMEOUT", 15)  # seconds for a question, the second try included
LLM_MASK = env.words("LLM_MASK", "email,card,phone,order,name")  # what does not leave the house; `none` for nothing
LLM_PERSONA = env.text("LLM_PERSONA")  # who the model is; one sentence
LLM_PER_CUSTOMER = env.number("LLM_PER_CUSTOMER", 30)  # questions of one person in 24 hours
LLM_PER_DAY = env.number("LLM_PER_DAY", 2000)  # questions of everybody in 24 hours
# What a journey's container may do; the engine's own limits are part of the language (docs/adr/0016).
BOT_MESSAGES_PER_WINDOW = env.number("BOT_MESSAGES_PER_WINDOW", 20)  # in one conversation; then the bot falls silent
BOT_MESSAGES_WINDOW = env.number("BOT_MESSAGES_WINDOW", 300)  # seconds
REQUEST_TOTAL = min(env.number("REQUEST_TOTAL", 10), 25)  # seconds of a call; a claim on it lasts for 30
REQUEST_BYTES = env.number("REQUEST_BYTES", 262_144)  # each way
BREAKER_FAILURES = env.number("BREAKER_FAILURES", 5)  # in a row, before a connection is left in peace
BREAKER_SECONDS = env.number("BREAKER_SECONDS", 60)  # in which they come, and for which it rests
TASK_PROGRESS_EVERY = env.number("TASK_PROGRESS_EVERY", 30)  # seconds between two words of a job's progress

HANDOVER = handover.read()

RECALL_AFTER_MINUTES = env.number("RECALL_AFTER_MINUTES", 30)  # of silence; who comes back then is welcomed
RECALL_WITHIN_DAYS = env.number("RECALL_WITHIN_DAYS", 30)  # later than that nobody is reminded of anything

# --- parts --------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "customers",
    "conversations",
    "handover",
    "channels_app",
    "analytics",
    "config",
]

MIDDLEWARE = [
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.csp.PolicyMiddleware",
    "config.gate.GateMiddleware",
    "config.problems.PathMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
WEB_THREADS = env.number("WEB_THREADS", 8)
DRAIN_SECONDS = env.number("DRAIN_SECONDS", 0)
BACKUP_DAYS = env.number("BACKUP_DAYS", 35)  # how long a backup lives: an erasure's receipt names the day

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
            ],
        },
    },
]

# --- database, Redis, Celery --------------------------------------------------------------------------------------


def database(url: str) -> dict[str, object]:
    """Django's database settings from `postgresql://user:password@host:port/name?host=/socket/dir`."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    pool = env.number("DB_POOL", 0)
    options: dict[str, object] = {"server_side_binding": True, "prepare_threshold": 1, "connect_timeout": 5}
    if pool:
        options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or query.get("dbname", "postgres"),
        "USER": unquote(parts.username or query.get("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 0 if pool else None,
        "CONN_HEALTH_CHECKS": not pool,
        "OPTIONS": options,
        "TEST": {"NAME": env.text("TEST_DB_NAME") or None},
    }


DATABASE_URL = env.text("DATABASE_URL") or embedded.database_url(DATA_DIR)
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL") or embedded.redis_url(DATA_DIR)
# Seconds; a paused server must not hold us, and the client's own retries (3, with pauses of seconds) must not either.
REDIS_OPTIONS = {"socket_connect_timeout": 1.0, "socket_timeout": 2.0, "retry": Retry(NoBackoff(), 0)}
HUB_CHANNEL = "throughline:hub"  # where `conversations.realtime` publishes and every hub listens
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_DB_REUSE_MAX = (
    1000  # tasks on one connection; without it each task opens its own (performance: 3 times the cost)
)
CELERY_TIMEZONE = "UTC"

# --- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.parsing.PlainJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["common.filtering.KnownParameters"],
    "DEFAULT_THROTTLE_CLASSES": [
        "config.throttling.Anonymous",
        "config.throttling.Users",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "1200/min", "token": "20/min"},
    "DEFAULT_SCHEMA_CLASS": "config.openapi.RefusingSchema",
    "EXCEPTION_HANDLER": "config.problems.handle",
    "NUM_PROXIES": NUM_PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "SIGNING_KEY": SECRETS["STAFF_JWT_KEY"],
    "ALGORITHM": "HS256",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=12),
    "AUDIENCE": "throughline-staff",
    "ISSUER": "throughline",
    "CHECK_REVOKE_TOKEN": True,  # a changed password ends every token
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Throughline API",
    "DESCRIPTION": "One customer, one conversation, on every channel.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["config.openapi.MayReadSchema"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Links and conflicts have a `kind` and a `status` too; these two would get a name with a number.
    "ENUM_NAME_OVERRIDES": {
        "CustomerKindEnum": "customers.models.Customer.Kind",
        "CustomerStatusEnum": "customers.models.Customer.Status",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "config.openapi.with_problems"],
}

UNFOLD = backoffice.UNFOLD

# --- safety -------------------------------------------------------------------------------------------------------

FILES_URL = env.text("FILES_URL").rstrip("/")  # another name of this server, for signed links only
CONTENT_SECURITY_POLICY = {"DIRECTIVES": csp.strict(FILES_URL)}
X_FRAME_OPTIONS = "DENY"  # for browsers of before frame-ancestors, which the others obey
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NUM_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-session" if IS_HTTPS else "throughline-session"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "throughline-csrf"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True  # scripts read the token from the page
CSRF_FAILURE_VIEW = "config.csrf.failed"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 700  # the form of an import: two for each of 300 columns
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
AUTHENTICATION_BACKENDS = ["config.gate.Gate"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/inbox/"

# --- files, mail, words, logs -------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST")
    else "django.core.mail.backends.console.EmailBackend",
)
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"support@{PUBLIC_HOST}")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]  # of the inbox: chosen by each agent
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
LOGGING = logs.configuration(env.text("LOG_STYLE", "json"), env.text("LOG_LEVEL", "INFO"))
