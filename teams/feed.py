"""/ws/feed/: what happens in a team, to browsers and programs as it happens (docs/live.md)."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from config.kit import logs, registry
from config.kit.live import tasks
from config.kit.live.closing import Close, Refusal
from config.kit.live.limits import places
from config.kit.live.socket import MOST_UNREAD, Socket
from teams import bells, sockets
from teams.access import Actor
from teams.tailer import Follower, sees_kind, tailer

MOST_TOPICS = 100  # of one socket
MOST_SEQ = 2**53
Place = tuple[str, int]


class Feed(Socket):
    actor: Actor
    shown: sockets.Shown
    _is_in = False

    async def enter(self) -> None:
        self._following: dict[Place, Follower] = {}
        self.actor, self.shown = await tasks.in_thread(sockets.let_in, self.scope, self.name)
        self._is_in = True
        self._room = sockets.room_of(self.actor)
        places.keep(self._room, self.name)
        sockets.presence().add(self)
        logs.tell(team=self.actor.team_id)
        hello = {"team": self.actor.team_id, "user": self.actor.user_id, "window": MOST_UNREAD}
        self.tell(json.dumps({"type": "hello", **hello}))

    async def told(self, message: Mapping[str, Any]) -> None:
        act = {"subscribe": self._subscribe, "unsubscribe": self._unsubscribe}
        kind = message.get("type")
        if not isinstance(kind, str) or kind not in act:
            raise Refusal(Close.BAD_FRAME)
        await act[kind](message)

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        kind, id_ = self._place(message)
        since = message.get("since")
        if since is not None and not _is_number(since):
            raise Refusal(Close.BAD_FRAME)
        if kind == bells.TOPIC:
            self._hear_bell(id_)
            return
        if (before := self._following.pop((kind, id_), None)) is not None:
            tailer().leave(before)  # its place in the topic is taken over
        try:
            topic = await self._let_into(kind, id_)
        except Refusal as refusal:
            if before is not None:
                self._leave(_room(kind, id_))
            self._answer("refused", kind, id_, code=int(refusal.code))
            return
        follower = Follower(self, topic, id_, since)
        self._following[kind, id_] = follower
        tailer().follow(follower)

    def _hear_bell(self, id_: int) -> None:
        """One's own: whose it is no frame can say. It takes no place among the followers of a
        topic, since a person's sockets are counted."""
        if not self.actor.has_scope(bells.SCOPE):
            self._answer("refused", bells.TOPIC, id_, code=int(Close.FORBIDDEN))
        elif id_ != self.actor.team_id:
            self._answer("refused", bells.TOPIC, id_, code=int(Close.NOT_FOUND))
        else:
            self._answer("subscribed", bells.TOPIC, id_)
            bells.bells().follow(self)

    def _answer(self, type_: str, kind: str, id_: int, **more: int) -> None:
        if self.has_credit:
            self.tell(json.dumps({"type": type_, "topic": kind, "id": id_, **more}))

    async def _let_into(self, kind: str, id_: int) -> registry.Topic:
        if kind not in registry.topic:
            raise Refusal(Close.NOT_FOUND)
        topic = registry.topic.get(kind)
        if not sees_kind(self.actor, topic):
            raise Refusal(Close.FORBIDDEN)
        if len(self._following) >= MOST_TOPICS:
            raise Refusal(Close.TOO_MANY)
        await tasks.in_thread(_check, self.actor, topic, id_, self.name)
        places.keep(_room(kind, id_), self.name)
        return topic

    async def _unsubscribe(self, message: Mapping[str, Any]) -> None:
        place = self._place(message)
        self._drop(place)
        if place == (bells.TOPIC, self.actor.team_id):
            bells.bells().leave(self)

    def _place(self, message: Mapping[str, Any]) -> Place:
        """`id` may be left out where the topic is the team."""
        kind, id_ = message.get("topic"), message.get("id", self.actor.team_id)
        if not isinstance(kind, str) or len(kind) > 40 or not _is_number(id_):
            raise Refusal(Close.BAD_FRAME)
        return kind, id_

    def has_credit_again(self) -> None:
        tailer().poke()

    def _drop(self, place: Place) -> None:
        follower = self._following.pop(place, None)
        if follower is not None:
            tailer().leave(follower)
            self._leave(_room(*place))

    def _leave(self, room: str) -> None:
        tasks.soon("live places: leaves", tasks.in_thread(places.leave, room, self.name))

    def left(self) -> None:
        if not self._is_in:
            return
        for place in list(self._following):
            self._drop(place)
        bells.bells().leave(self)
        sockets.presence().remove(self)
        self._leave(self._room)


def _room(kind: str, id_: int) -> str:
    return f"{kind}:{id_}"


def _check(by: Actor, topic: registry.Topic, id_: int, name: str) -> None:
    """In a thread. Raises Refusal."""
    if not topic.sees(by, id_):
        raise Refusal(Close.NOT_FOUND)
    if not places.take(_room(topic.kind, id_), name, settings.SOCKETS_PER_TOPIC):
        raise Refusal(Close.TOO_MANY)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_SEQ
