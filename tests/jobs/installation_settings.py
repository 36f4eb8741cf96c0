"""The settings of an installation with jobs for tests, and with static files that need no collecting."""

from prongsai.settings import *  # noqa: F403
from prongsai.settings import INSTALLED_APPS, STORAGES

INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobs.samples"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
