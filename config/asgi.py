"""The ASGI application that daphne serves: pages, endpoints and sockets."""

import os
import threading

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

from config.kit import access_log, bodies
from config.kit.backpressure import with_backpressure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()

from collab.websocket.routes import routes as rooms  # noqa: E402 - models are loaded only now
from config.kit import doctor  # noqa: E402
from config.kit.live.socket import Nowhere  # noqa: E402
from teams.feed import Feed  # noqa: E402

feed = re_path(r"^ws/feed/$", Feed.as_asgi())
sockets = URLRouter([feed, *rooms, re_path("", Nowhere.as_asgi())])
application = access_log.with_ids(
    ProtocolTypeRouter({"http": with_backpressure(pages), "websocket": sockets})
)
bodies.bound_daphne()
access_log.take_over_daphne()

# beside the start, which waits for no server
threading.Thread(target=doctor.warn_of_servers, daemon=True).start()
