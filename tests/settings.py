"""The site's settings for tests: a folder of their own, quick hashes, work done at once."""

import os
import tempfile

os.environ["PRONGSAI_DATA"] = tempfile.mkdtemp(prefix="prongsai-test-")
os.environ["PRONGSAI_WORKERS"] = "0"
os.environ["SECRET_KEY"] = "only for tests " * 5
os.environ["LOG_LEVEL"] = "ERROR"
os.environ["PRONGSAI_LINKS_DAYS"] = "0"  # tests run at night and on Sundays; those of fairness say their own hours
os.environ["PRONGSAI_PAGES_MB"] = "0"  # its own tests store pages
os.environ["PRONGSAI_RECENT_SIGN_IN"] = "0"  # tests that sign in by force have typed no password
os.environ["PRONGSAI_PROOF_OF_WORK"] = "0"  # its own tests work
if url := os.environ.get("TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = url

from prongsai.settings import *  # noqa: F403
from prongsai.settings import DATABASES, STATIC_ROOT

CACHES = {key: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} for key in ("default", "process")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "prongsai.machines.storage.DurableFileStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STATIC_ROOT.mkdir()
DATABASES["default"]["CONN_MAX_AGE"] = 0
