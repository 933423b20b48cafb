"""The ASGI application that daphne serves; sockets join with the live plane."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from config.kit.access_log import with_ids
from config.kit.backpressure import with_backpressure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = ProtocolTypeRouter({"http": with_ids(with_backpressure(get_asgi_application()))})
