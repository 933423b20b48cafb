"""The ASGI application that daphne serves; sockets join with the live plane."""

import os
import threading

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from config.kit.access_log import with_ids
from config.kit.backpressure import with_backpressure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = ProtocolTypeRouter({"http": with_ids(with_backpressure(get_asgi_application()))})

from config.kit import doctor  # noqa: E402 - models are loaded only now

# beside the start, which waits for no server
threading.Thread(target=doctor.warn_of_servers, daemon=True).start()
