"""Settings of one installation, read from the environment and `<data dir>/.env`.

No secret has a default. A missing name ends with a sentence that says what to do.
"""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from clinic.core.hosts import GrowingHosts
from clinic.databases.cluster import nodes
from clinic.databases.server import as_taken_by

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = (BASE_DIR / "clinic" / "VERSION").read_text(encoding="utf-8").strip()
DATA_DIR = Path(os.environ.get("CLINIC_DATA_DIR") or BASE_DIR / "var").resolve()

env = environ.Env()
if (DATA_DIR / ".env").is_file():
    env.read_env(str(DATA_DIR / ".env"))


def required(name: str) -> str:
    """The value of `name`, or a plain sentence about how to set it."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Run ./installer/install.sh, or put {name}=... "
            f"into {DATA_DIR / '.env'}."
        )
    return value


SECRET_KEY = required("CLINIC_SECRET_KEY")
DEBUG = env.bool("CLINIC_DEBUG", default=False)
INSTANCE = env.str("CLINIC_INSTANCE", default="clinic")
# Invented people in a data directory of their own: every page and paper says so (--demo).
CLINIC_PRACTICE = env.bool("CLINIC_PRACTICE", default=env.bool("CLINIC_DEMO", default=False))
# Each answer of a practice clinic tells how often it asked the database (clinic.core.counting).
CLINIC_COUNT_QUERIES = env.bool("CLINIC_COUNT_QUERIES", default=False)
ALLOWED_HOSTS = GrowingHosts(
    env.list("CLINIC_ALLOWED_HOSTS", default=["localhost", "127.0.0.1"]),
    DATA_DIR / ".env",
    "CLINIC_ALLOWED_HOSTS",
)
CSRF_TRUSTED_ORIGINS = env.list("CLINIC_CSRF_ORIGINS", default=[])
# Where the world reaches the public pages; empty: they are seen inside the clinic only.
CLINIC_PUBLIC_URL = env.str("CLINIC_PUBLIC_URL", default="")
# "unix": behind nginx on a unix socket, which overwrites X-Forwarded-For. "direct": no proxy.
TRUSTED_FRONT = env.str("CLINIC_TRUSTED_FRONT", default="direct")

# Where phones reach the screens' own listener; told at every start by who made the listener.
CLINIC_SCREEN_ADDRESS = env.str("CLINIC_SCREEN_ADDRESS", default="")

CLINIC_KEYRING = env.str("CLINIC_KEYRING", default=str(DATA_DIR / "keys" / "keyring.json"))
CLINIC_KEYRING_PASSPHRASE_FILE = env.str("CLINIC_KEYRING_PASSPHRASE_FILE", default="")
CLINIC_FILES_DIR = str(DATA_DIR / "files")
CLINIC_BACKUP_DIR = env.str("CLINIC_BACKUP_DIR", default=str(DATA_DIR / "backups"))
CLINIC_CHECKPOINT_DIR = env.str(
    "CLINIC_CHECKPOINT_DIR", default=str(DATA_DIR / "audit-checkpoints")
)

INSTALLED_APPS = [
    "security.apps.ClinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",  # its templates, for FORM_RENDERER
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "security.apps.SecurityConfig",  # before auditlog: its auditlogflush is ours
    "auditlog",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "clinic",
    "clinic.core",
    "patients",
    "pharmacy",
    "registration",
    "prescriptions",
    "clinic.cashier",
]

MIDDLEWARE = [
    "clinic.core.counting.CountMiddleware",  # of a practice clinic that is measured, else gone
    "django.middleware.security.SecurityMiddleware",
    "security.middleware.HeadersMiddleware",
    "registration.polling.PollMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "clinic.core.middleware.HeadMiddleware",
    "clinic.core.middleware.SettingsMiddleware",
    "clinic.core.practice.PracticeMiddleware",
    "security.middleware.ClientAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "security.shortcuts.KeysMiddleware",
    "security.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "clinic.core.middleware.TooLargeMiddleware",
    "clinic.core.middleware.ToldMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "security.middleware.AuditMiddleware",
    "security.typing.KeepTypedMiddleware",
    "security.middleware.AccessMiddleware",
    "clinic.modules.ModulesMiddleware",
    "clinic.core.middleware.BusyMiddleware",
    "clinic.core.middleware.WrongMethodMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "clinic.core.quick_templates.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.navigation.navigation",
                "clinic.statistics.opinions.staff_question",
                "clinic.help.context.help_link",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"


def database(url: str = "") -> dict:
    """The database of `url`, or the one from DATABASE_URL, with the options that our rules
    rely on."""
    usual = f"sqlite:///{DATA_DIR / 'db.sqlite3'}"
    config = env.db_url_config(url) if url else env.db("DATABASE_URL", default=usual)
    # Django's own backends, which write the SQL of a query once (clinic.databases.plans).
    config["ENGINE"] = config["ENGINE"].replace("django.db.backends", "clinic.databases")
    config["ATOMIC_REQUESTS"] = False
    config.setdefault("OPTIONS", {})
    # Opening SQLite's file anew takes more than all else in answering a poll; each thread keeps
    # its connection for a while, with a small cache of its own.
    config["CONN_MAX_AGE"] = 60
    if config["ENGINE"].endswith("sqlite3"):
        # Both are chosen by the size of the machine where a set-up started us.
        cache_kb = env.int("CLINIC_SQLITE_CACHE_KB", default=1000)
        mmap_mb = env.int("CLINIC_SQLITE_MMAP_MB", default=0)
        config["OPTIONS"].update(
            timeout=5,
            transaction_mode="IMMEDIATE",
            init_command=(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                f" PRAGMA cache_size=-{cache_kb}; PRAGMA mmap_size={mmap_mb * 2**20};"
            ),
        )
        # A file, not Django's in-memory default: otherwise every race test would be void.
        suffix = env.str("CLINIC_TEST_DB_SUFFIX", default="")
        config["TEST"] = {"NAME": str(DATA_DIR / f"test{suffix}.sqlite3")}
    else:
        config["OPTIONS"].update(
            charset="utf8mb4",
            # FOUND_ROWS, as Django has it, and MULTI_STATEMENTS for clinic.core.together.
            client_flag=1 << 1 | 1 << 16,
            isolation_level="read committed",
            init_command=(
                "SET sql_mode='STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION',"
                " default_storage_engine=INNODB, time_zone='+00:00', innodb_lock_wait_timeout=5"
            ),
        )
        config["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}
        config["CONN_HEALTH_CHECKS"] = True
        config["OPTIONS"] = as_taken_by(use_mysql_driver(), config["OPTIONS"])
        if "others" in config["OPTIONS"]:  # the other nodes of a Galera cluster
            config["ENGINE"] = nodes.ENGINE
    return config


def use_mysql_driver() -> str:
    """mysqlclient where it could be built and gets in, else PyMySQL under its name."""
    try:
        if env.str("CLINIC_MYSQL_DRIVER", default="") == "PyMySQL":
            raise ImportError
        import MySQLdb

        name = MySQLdb.__name__
    except ImportError:
        import pymysql

        pymysql.version_info = (2, 2, 1, "final", 0)  # Django asks for mysqlclient's number
        pymysql.install_as_MySQLdb()
        name = pymysql.__name__
    return "mysqlclient" if name == "MySQLdb" else "PyMySQL"


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "security.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["security.hashers.ClinicArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "security.passwords.ClinicWordsValidator"},
    {"NAME": "security.passwords.ProfileValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

AUDITLOG_LOGENTRY_MODEL = "security.AuditEntry"
AUDITLOG_DISABLE_REMOTE_ADDR = True  # the address is set by our own middleware

# How prescriptions are signed; a certificate's signer is named here by its dotted path.
CLINIC_SIGNER = env.str("CLINIC_SIGNER", default="prescriptions.signature.ByHand")

# Only the tests switch this off: they empty all tables.
CLINIC_AUDIT_TRIGGERS = env.bool("CLINIC_AUDIT_TRIGGERS", default=True)

AXES_HANDLER = "security.lockout.NothingTypedHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "security.signin.name_for_lockout"
AXES_CLIENT_IP_CALLABLE = "security.signin.client_address"
AXES_LOCKOUT_CALLABLE = "security.signin.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "next"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # 30 minutes are 30 minutes

SESSION_ENGINE = "security.sessions"
SESSION_SERIALIZER = "security.sessions.SealedSerializer"
SESSION_COOKIE_NAME = f"__Host-{INSTANCE}-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"__Host-{INSTANCE}-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "clinic.views.csrf_failure"
LANGUAGE_COOKIE_NAME = f"{INSTANCE}-language"
LANGUAGE_COOKIE_SECURE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_FRONT == "unix" else None
SECURE_SSL_REDIRECT = env.bool("CLINIC_SSL_REDIRECT", default=True)
# A television can't be taught our certificate: screens may stand on a plain port of their own, on
# which nothing else is served (installer/setup/listeners.py).
SECURE_REDIRECT_EXEMPT = [r"^display/", r"^static/"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# HSTS would lock browsers out of every later service on this host while the certificate comes
# from the clinic's own authority, so it is only for a real name with a publicly trusted one.
SECURE_HSTS_SECONDS = env.int("CLINIC_HSTS_SECONDS", default=0)
SILENCED_SYSTEM_CHECKS = ["security.W004"]  # the HSTS warning; reason above

LANGUAGE_CODE = env.str("CLINIC_LANGUAGE", default="zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "clinic" / "locale"]
TIME_ZONE = env.str("CLINIC_TIME_ZONE", default="Asia/Shanghai")
USE_I18N = True
USE_TZ = True
DATE_FORMAT = "Y-m-d"
FORMAT_MODULE_PATH = "clinic.formats"

STATIC_URL = "/static/"
# A package brings its static files collected (installer/build/static.py).
COLLECTED = BASE_DIR / "collected"
STATIC_ROOT = env.str(
    "CLINIC_STATIC_ROOT", default=str(COLLECTED if COLLECTED.is_dir() else DATA_DIR / "static")
)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 0
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # no page asks for the others

# Uploads stay in memory: nothing of a patient's may lie in the system's temporary folder.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_values": {"()": "clinic.core.logs.NoValues"}},
    "formatters": {
        "plain": {
            "()": "clinic.core.logs.OneLineFormatter",
            "fmt": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["no_values"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "clinic": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "clinic.core.logs.NoVariablesFilter"
