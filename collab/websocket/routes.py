from django.urls import re_path

from collab.websocket.handlers import RoomSocket

routes = [re_path(r"^ws/rooms/(?P<video>\d{1,15})/$", RoomSocket.as_asgi())]
