"""Settings of every process; values come from the environment through config.env."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from config import env, pgbouncer_ini
from config.kit import redis, redis_address
from config.kit.caches import caches
from config.kit.database import WebPool, databases
from config.kit.logs import logging_config
from config.kit.stores.address import bucket

django_stubs_ext.monkeypatch()  # lets annotations name the model of a view, an admin, a queryset

BASE_DIR = env.BASE_DIR
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var"))).resolve()
env.make_folder(VAR_DIR, "VAR_DIR")

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", VAR_DIR / "secret_key")
FIELD_KEYS = env.field_keys("FIELD_KEYS")  # of sealed columns (config.kit.sealed)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
PUBLIC_URL = env.web_address("PUBLIC_URL", "http://127.0.0.1:8000")

DATABASE_URL = env.text("DATABASE_URL")
DATABASE_DIRECT_URL = env.text("DATABASE_DIRECT_URL") or DATABASE_URL
DYNOS = env.number("DYNOS", 1, least=1, most=1000)
MOST_CONNECTIONS = pgbouncer_ini.most_connections()  # of all processes to Postgres
_plan = pgbouncer_ini.plan(is_web=True)
_web_pool = WebPool(env.number("WEB_POOL", 20, least=1, most=1000), _plan.wait_s, _plan.recycle_s)
DATABASES = databases(
    DATABASE_URL,
    VAR_DIR,
    session_url=env.text("DATABASE_SESSION_URL") or DATABASE_DIRECT_URL,
    pool=_web_pool if env.is_web() else None,
)
EMBEDDED = DATABASES["default"]["ENGINE"].endswith("sqlite3")
REDIS_URL = redis_address.checked(env.text("REDIS_URL"))
REDIS_PREFIX = env.text("REDIS_PREFIX", "showrunner")  # of each key: two studios share a Redis
REDIS_POOL = env.number("REDIS_POOL", 20, least=1, most=1000)  # connections, a process and use
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "config.kit.apps.OperatorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "django_htmx",
    "csp",
    "django_q",
    "config.kit",
    "teams",
    "billing",
    "channels_app",
    "videos",
    "batches",
    "collab",
]

MIDDLEWARE = [
    "config.kit.logs.requests",
    "config.kit.probes.probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "teams.middleware.SetUpFirst",
    "teams.middleware.actor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.kit.pages.Refusals",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.kit.bodies.refuse_too_large",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
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
                "teams.pages.studio",
            ],
        },
    }
]

# Fields of forms are drawn by templates/django/forms/field.html
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Files lie in a folder of this machine, or at S3 for all machines (config.kit.stores)
MEDIA_S3_URL = env.text("MEDIA_S3_URL")
AWS_REGION = env.aws_region()
MEDIA_S3 = bucket(MEDIA_S3_URL, region=AWS_REGION) if MEDIA_S3_URL else None
MEDIA_DIR = VAR_DIR / "media"  # blobs, by the hash of their bytes
MEDIA_CACHE_DIR = VAR_DIR / "cache"  # copies of what lies at S3
MEDIA_CACHE_MB = env.number("MEDIA_CACHE_MB", 10_000, least=200, most=10_000_000)
SINGLE_HOST = env.flag("SINGLE_HOST")  # all processes share this machine's disk
BACKUPS_DIR = VAR_DIR / "backups"
_elsewhere = [MEDIA_S3.origin] if MEDIA_S3 else []

# The one project at Google by which channels are connected; the bases serve a stand-in
GOOGLE_CLIENT_ID = env.text("GOOGLE_CLIENT_ID")
GOOGLE_CLIENT_SECRET = env.text("GOOGLE_CLIENT_SECRET")
env.both("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET")
GOOGLE_OAUTH_BASE = env.url("GOOGLE_OAUTH_BASE").rstrip("/")  # empty: Google's own, which are two
YOUTUBE_API_BASE = env.url("YOUTUBE_API_BASE").rstrip("/") or "https://youtube.googleapis.com"
YOUTUBE_UPLOAD_BASE = env.url("YOUTUBE_UPLOAD_BASE").rstrip("/") or YOUTUBE_API_BASE
_pictures = ["https://yt3.ggpht.com", "https://yt3.googleusercontent.com"]  # of channels
YOUTUBE_PICTURES = [*_pictures, *([env.origin(YOUTUBE_API_BASE)] if GOOGLE_OAUTH_BASE else [])]
# a form's redirects are held to the policy as well, and the button that connects leads to Google
GOOGLE_SIGN_IN = env.origin(GOOGLE_OAUTH_BASE) or "https://accounts.google.com"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", *_elsewhere, *YOUTUBE_PICTURES],
        "media-src": [SELF, "blob:", *_elsewhere],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, GOOGLE_SIGN_IN],
        "frame-ancestors": [NONE],
    }
}
UNFOLD = {  # the operators' admin; its colours stand in static/css/admin.css
    "SITE_TITLE": "Showrunner",
    "SITE_HEADER": "Showrunner",
    "SITE_SUBHEADER": "Operators",
    "SITE_URL": "/",
    "SITE_ICON": "config.sidebar.mark",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.sidebar.mark"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": ["config.sidebar.style"],
    "SCRIPTS": ["config.sidebar.script"],
    "DASHBOARD_CALLBACK": "videos.dashboard.dashboard",
    "SIDEBAR": {"show_search": True, "navigation": "config.sidebar.areas"},
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SIGN_UP = env.one_of("SIGN_UP", "invite", "open", "closed")
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "teams.accounts.Accounts"
ACCOUNT_SIGNUP_FORM_CLASS = "teams.forms.SignUp"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

SECURE_SSL_REDIRECT = PUBLIC_URL.startswith("https://") and not DEBUG
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = bool(SECURE_HSTS_SECONDS)
TRUST_PROXY = env.flag("TRUST_PROXY")
ALLAUTH_TRUSTED_PROXY_COUNT = int(TRUST_PROXY)  # else all people behind it are one address
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

_mail = env.mail_server("EMAIL_URL")
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = _mail.backend, _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = _mail.use_tls, _mail.use_ssl, 30
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Showrunner <showrunner@localhost>")

# A body is read whole before it is parsed; files come through the resumable upload, by pieces.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
CSRF_FAILURE_VIEW = "config.kit.problems.csrf"
API_RATE = env.number("API_RATE", 600, least=1, most=1_000_000)  # requests a minute of each token
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["teams.api_auth.Bearer", "teams.api_auth.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["config.kit.scopes.Scoped"],
    "DEFAULT_THROTTLE_CLASSES": ["config.kit.throttle.PerOwner"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "config.kit.openapi.Schema",
    "EXCEPTION_HANDLER": "config.kit.problems.handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Showrunner",
    "DESCRIPTION": "Videos, channels and teams of a studio. Conventions: docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["config.kit.openapi.add_problem_schema"],
}

# Addresses that people write, such as those of webhooks (config.kit.outbound)
OUTBOUND_LOOPBACK = env.flag("OUTBOUND_LOOPBACK")  # this machine itself may be asked
OUTBOUND_HTTP = DEBUG or OUTBOUND_LOOPBACK  # else https alone

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
_collected = BASE_DIR / "staticfiles"  # by bin/post_compile; without it they are served as they lie
IS_COLLECTED = not EMBEDDED and (_collected / "staticfiles.json").is_file()
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not IS_COLLECTED
if IS_COLLECTED or sys.argv[1:2] == ["collectstatic"]:
    STATIC_ROOT = _collected
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "config.kit.static.Named"},
    }

CHANNEL_LAYERS = redis.channel_layers(REDIS_URL, REDIS_PREFIX)
SOCKETS_PER_USER = env.number("SOCKETS_PER_USER", 20, least=1, most=10_000)
SOCKETS_PER_TOPIC = env.number("SOCKETS_PER_TOPIC", 250, least=1, most=100_000)
HANDSHAKES_PER_ADDRESS = env.number("HANDSHAKES_PER_ADDRESS", 60, least=1, most=100_000)  # in 10 s
CACHES = {
    **caches(REDIS_URL, VAR_DIR, prefix=REDIS_PREFIX, is_one_machine=EMBEDDED or SINGLE_HOST),
    # Django-Q saves its status twice a second; ours is config.kit.models.ClusterBeat
    "q_status": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# How many workers each cluster has at least and at most; the first is Django-Q's default.
if EMBEDDED:
    WORKERS = {"studio": env.worker_range("WORKERS_STUDIO", 3, 3, floor=2)}
else:
    WORKERS = {
        "batch": env.worker_range("WORKERS_BATCH", 1, 2),
        "ai": env.worker_range("WORKERS_AI", 4, 16),
        "render": env.worker_range("WORKERS_RENDER", 1, os.cpu_count() or 1),
        "publish": env.worker_range("WORKERS_PUBLISH", 1, 4),
    }
# What one worker takes of the memory, with its children; 0: as measured
WORKER_MEMORY_MB = env.number("WORKER_MEMORY_MB", 0, most=1_000_000)
env.serve_cluster(sys.argv, WORKERS)

# Every task is a wake (config.kit.jobs): retry is never relied on, so it may exceed a day.
_sizes = {name: {"workers": least, "queue_limit": most} for name, (least, most) in WORKERS.items()}
Q_CLUSTER = {
    "name": next(iter(WORKERS)),
    **_sizes[next(iter(WORKERS))],
    "ALT_CLUSTERS": {**_sizes},
    "orm": "default",
    "broker_class": "config.kit.broker.Broker",
    "cache": "q_status",
    "timeout": int(timedelta(hours=12).total_seconds()),
    "retry": int(timedelta(hours=30).total_seconds()),
    "ack_failures": True,
    "max_attempts": 1,
    "bulk": 1,
    "save_limit": -1,
    "poll": 0.2,
    "catch_up": False,
    "label": "Queue",
}

DJSTRIPE_SUBSCRIBER_MODEL = "teams.Team"
DJSTRIPE_FOREIGN_KEY_TO_FIELD = "id"

# Where things lie on this machine
ROOMS_DIR = VAR_DIR / "rooms"  # scratch folders of running stages
RUN_DIR = Path(env.text("RUN_DIR", str(VAR_DIR / "run")))  # sockets and locks of the voices
SAMPLES_DIR = VAR_DIR / "samples"  # a sentence in each voice
UPLOADS_DIR = VAR_DIR / "uploads"  # what is still on its way here
PUBLISH_DIR = VAR_DIR / "published"  # what the folder publisher delivers

# intermediates of published videos are kept so long, and made again where they are missed
KEEP_INTERMEDIATES_DAYS = env.number("KEEP_INTERMEDIATES_DAYS", 30, least=1, most=3650)
RENDER_THREADS = env.number("RENDER_THREADS", 2, least=1, most=64)

# Vendors that are paid, or ask for a key: without one the keyless providers do the work
OPENAI, REPLICATE = "https://api.openai.com/v1", "https://api.replicate.com"
AUTO_RETRY_UNKNOWN_MICROS = env.number("AUTO_RETRY_UNKNOWN_MICROS", 0)  # of USD
ACCOUNTS = {
    "llm": env.account("LLM", OPENAI, "gpt-6-luna"),
    "anthropic": env.account("ANTHROPIC", "https://api.anthropic.com", "claude-sonnet-5-5"),
    "speech": env.account("SPEECH", OPENAI, "gpt-4o-mini-tts"),
    "elevenlabs": env.account("ELEVENLABS", "https://api.elevenlabs.io", "eleven_multilingual_v2"),
    "image": env.account("IMAGE", OPENAI, "gpt-image-2.5-flare"),
    "replicate": env.account("IMAGE_REPLICATE", REPLICATE, "black-forest-labs/flux-schnell"),
    "clip": env.account("CLIP_REPLICATE", REPLICATE, "wan-video/wan-2.2-t2v-fast"),
    "pexels": env.account("FOOTAGE_PEXELS", "https://api.pexels.com"),
    "pixabay": env.account("FOOTAGE_PIXABAY", "https://pixabay.com"),
}

# What operators see; the SDK of OpenTelemetry reads the other OTEL_* names itself
LOG_FORMAT = env.one_of(
    "LOG_FORMAT", "line" if EMBEDDED or env.at_terminal() else "json", "line", "json"
)
LOGGING = logging_config(LOG_FORMAT, env.one_of("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"))
SLOW_QUERY_MS = env.number("SLOW_QUERY_MS", 200, least=1, most=600_000)
METRICS_TOKEN = env.text("METRICS_TOKEN")
READY_QUEUE_S = env.number("READY_QUEUE_S", 900, least=1, most=86_400)
PGBOUNCER_CONSOLE_URL = env.text("PGBOUNCER_CONSOLE_URL")
SENTRY_DSN = env.url("SENTRY_DSN")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")
TRACES_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT")
if TRACES_ENDPOINT:
    MIDDLEWARE.insert(2, "config.kit.tracing.requests")
OTEL_SERVICE_NAME = env.text("OTEL_SERVICE_NAME", "showrunner")
