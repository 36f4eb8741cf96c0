"""The WSGI application, for any server of it; ``prongsai serve`` runs granian."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prongsai.settings")
application = get_wsgi_application()
