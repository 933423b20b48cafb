"""What rooms are compared with: `python -m bench.rooms_servers bare|stock PORT`.

bare: the `websockets` library and Redis pub/sub, nothing else. stock: Channels' own consumer with
its pub/sub layer on daphne, as its tutorial writes it. Both hand what comes from one socket of a
room to the others, know nobody and store nothing.
"""

import asyncio
import os
import sys
from typing import Any

import redis.asyncio as redis
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.conf import settings
from django.urls import re_path
from websockets.asyncio.server import ServerConnection, broadcast, serve

REDIS_URL = os.environ.get("REDIS_URL", "")
HELLO = b"\x40\x00"
MOVE = b"\x01"  # awareness: the only kind of frame that is handed on


class Bare:
    def __init__(self) -> None:
        self.rooms: dict[str, set[ServerConnection]] = {}
        self.redis = redis.Redis.from_url(REDIS_URL)
        self.heard = self.redis.pubsub()
        self.one_by_one = asyncio.Lock()  # two first subscriptions would each open a connection

    async def handle(self, line: ServerConnection) -> None:
        room = line.request.path.strip("/").rpartition("/")[2] if line.request else ""
        if room not in self.rooms:
            self.rooms[room] = set()
            async with self.one_by_one:
                await self.heard.subscribe(room)
        self.rooms[room].add(line)
        await line.send(HELLO)
        try:
            async for data in line:
                if isinstance(data, bytes) and data.startswith(MOVE):
                    await self.redis.publish(room, data)
        finally:
            self.rooms[room].discard(line)

    async def fan_out(self) -> None:
        while True:
            if not self.heard.subscribed:
                await asyncio.sleep(0.05)
                continue
            message: Any = await self.heard.get_message(ignore_subscribe_messages=True, timeout=1)
            if message is not None:
                broadcast(self.rooms.get(message["channel"].decode(), ()), message["data"])


async def bare(port: int) -> None:
    server = Bare()
    async with serve(server.handle, "127.0.0.1", port, compression=None, ping_interval=None):
        await server.fan_out()


class Stock(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        self.room = f"room.{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()
        await self.send(bytes_data=HELLO)

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if bytes_data and bytes_data.startswith(MOVE):
            told = {"type": "moved", "data": bytes_data}
            await self.channel_layer.group_send(self.room, told)

    async def moved(self, event: dict[str, Any]) -> None:
        await self.send(bytes_data=event["data"])


def stock(port: int) -> None:
    layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}
    layer["CONFIG"] = {"hosts": [REDIS_URL]}  # type: ignore[assignment]
    settings.configure(CHANNEL_LAYERS={"default": layer})
    from daphne.endpoints import build_endpoint_description_strings  # noqa: PLC0415 - with settings
    from daphne.server import Server  # noqa: PLC0415

    routes = URLRouter([re_path(r"^ws/rooms/(?P<room>\w+)/$", Stock.as_asgi())])
    where = build_endpoint_description_strings(host="127.0.0.1", port=port)
    Server(routes, endpoints=where, signal_handlers=True, verbosity=0).run()


if __name__ == "__main__":
    kind, number = sys.argv[1], int(sys.argv[2])
    if kind == "bare":
        asyncio.run(bare(number))
    else:
        stock(number)
