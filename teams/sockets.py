"""Who sits at a socket: let in by a session or a ticket, and looked at again whenever their
rights, or that session or token, may have changed."""

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from config.kit.live import handshake, hints, tasks
from config.kit.live.closing import Close, Refusal
from config.kit.live.hub import Message, hub
from config.kit.live.limits import places
from teams import tickets
from teams.access import Actor, acting, actor_for, actor_for_token
from teams.models import ApiToken, Membership, User
from teams.tailer import Line, tailer

LOOKED_AT_EVERY_S = 60.0
OF_RIGHTS = ("teams.member_", "teams.person_changed", "teams.token_revoked")


@dataclass(frozen=True)
class Shown:
    """By what somebody was let in."""

    session_key: str = ""
    token_id: int | None = None

    @property
    def session(self) -> str:
        """Tells the session, and opens nothing."""
        return hashlib.sha256(self.session_key.encode()).hexdigest() if self.session_key else ""


class Guest(Protocol):
    actor: Actor
    shown: Shown

    async def close(self, code: Close) -> None: ...


def let_in(scope: Mapping[str, Any], name: str) -> tuple[Actor, Shown]:
    """In a thread. Raises Refusal. The place among the person's sockets is theirs for a minute."""
    handshake.check_rate(scope)
    secret = handshake.ticket(scope)
    actor, shown = _by_ticket(secret) if secret else _by_session(scope)
    if not places.take(room_of(actor), name, settings.SOCKETS_PER_USER):
        raise Refusal(Close.TOO_MANY)
    return actor, shown


def room_of(actor: Actor) -> str:
    return f"user:{actor.user_id}"


def _by_ticket(secret: str) -> tuple[Actor, Shown]:
    token = tickets.redeem(secret)
    actor = actor_for_token(token) if token else None
    if token is None or actor is None:
        raise Refusal(Close.SIGNED_OUT)
    return actor, Shown(token_id=token.pk)


def _by_session(scope: Mapping[str, Any]) -> tuple[Actor, Shown]:
    handshake.check_origin(scope)
    request = HttpRequest()
    key = handshake.cookie(scope, settings.SESSION_COOKIE_NAME)
    session = request.session = SessionStore(key)
    user = auth.get_user(request)
    if not isinstance(user, User):
        raise Refusal(Close.SIGNED_OUT)
    actor = actor_for(user, session.get("team_id"))
    if actor is None:
        raise Refusal(Close.FORBIDDEN)
    return actor, Shown(session_key=key)


# --- looked at again


class Presence:
    """The guests of this process."""

    def __init__(self) -> None:
        self._guests: set[Guest] = set()
        self._doubted: set[Guest] = set()
        self._doubts = asyncio.Event()
        hub().join(hints.RIGHTS, self._hint)
        tailer().watch(self._noticed)
        tasks.keep("live presence: all", self._look_at_all)
        tasks.keep("live presence: some", self._look_at_some)

    def add(self, guest: Guest) -> None:
        self._guests.add(guest)

    def look_soon(self, guest: Guest) -> None:
        """At one who was let in before anybody watched for changes."""
        self._doubt([guest])

    def remove(self, guest: Guest) -> None:
        self._guests.discard(guest)

    def _hint(self, told: Message) -> None:
        self._doubt(one for one in self._guests if _is_meant(one, told))

    def _noticed(self, team_id: int, lines: Sequence[Line]) -> None:
        """Hints of other processes come through Redis alone; the journal tells everybody."""
        if any(line["kind"].startswith(OF_RIGHTS) for line in lines):
            self._doubt(one for one in self._guests if one.actor.team_id == team_id)

    def _doubt(self, guests: Iterable[Guest]) -> None:
        self._doubted |= set(guests)
        if self._doubted:
            self._doubts.set()

    async def _look_at_some(self) -> None:
        while True:
            await self._doubts.wait()
            await asyncio.sleep(0.05)  # what one verb changes comes in several hints
            self._doubts.clear()
            doubted, self._doubted = self._doubted & self._guests, set()
            try:
                await self._look_at(doubted)
            except BaseException:
                self._doubt(doubted)  # for the next try
                raise

    async def _look_at_all(self) -> None:
        while True:
            await asyncio.sleep(LOOKED_AT_EVERY_S)
            await self._look_at(self._guests)

    async def _look_at(self, guests: Collection[Guest]) -> None:
        asked = {one: (one.actor, one.shown) for one in guests}
        for guest, now in (await tasks.in_thread(rights, asked)).items():
            if isinstance(now, Close):
                await guest.close(now)
            else:
                guest.actor = now


def _is_meant(guest: Guest, told: Message) -> bool:
    shown = guest.shown
    known = {"user": guest.actor.user_id, "session": shown.session, "token": shown.token_id}
    return any(value and told.get(name) == value for name, value in known.items())


Asked = Mapping[Any, tuple[Actor, Shown]]


def rights(asked: Asked) -> dict[Any, Actor | Close]:
    """What each may do now, or why they may not stay: a query for members, one for sessions, one
    for tokens, however many ask."""
    users = {actor.user_id for actor, _ in asked.values()}
    rows = Membership.objects.filter(user__in=users, user__is_active=True).select_related("user")
    members = {(row.user_id, row.team_id): row for row in rows}
    keys = [shown.session_key for _, shown in asked.values() if shown.session_key]
    alive = Session.objects.filter(session_key__in=keys, expire_date__gt=Now())
    sessions = {row.session_key: row.get_decoded() for row in alive} if keys else {}
    ids = [shown.token_id for _, shown in asked.values() if shown.token_id]
    tokens = ApiToken.objects.usable().in_bulk(ids) if ids else {}
    found: dict[Any, Actor | Close] = {}
    for guest, (actor, shown) in asked.items():
        member = members.get((actor.user_id or 0, actor.team_id))
        token = tokens.get(shown.token_id or 0)
        if member is None:
            found[guest] = Close.FORBIDDEN
        elif token or _is_of(sessions.get(shown.session_key), member.user):
            found[guest] = acting(member, token)
        else:
            found[guest] = Close.SIGNED_OUT
    return found


def _is_of(session: Mapping[str, Any] | None, user: User) -> bool:
    """As django.contrib.auth.get_user: another password ends the sessions before it."""
    told = (session or {}).get(HASH_SESSION_KEY, "")
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(told, one) for one in hashes)


# --- hints


def _person_changed(instance: User, **_: Any) -> None:
    hints.after_commit(hints.RIGHTS, user=instance.pk)


def _member_changed(instance: Membership, **_: Any) -> None:
    hints.after_commit(hints.RIGHTS, user=instance.user_id)


def _session_ended(instance: Session, **_: Any) -> None:
    if instance.expire_date > datetime.now(UTC):  # the others end at their time
        hints.after_commit(hints.RIGHTS, session=Shown(session_key=instance.session_key).session)


def tell_of_changes() -> None:
    """Once a process: Django's own signals tell of what is changed outside our verbs, too."""
    connect = partial(post_save.connect, dispatch_uid="teams.sockets")
    connect(_person_changed, sender=User)
    connect(_member_changed, sender=Membership)
    post_delete.connect(_member_changed, sender=Membership, dispatch_uid="teams.sockets")
    post_delete.connect(_session_ended, sender=Session, dispatch_uid="teams.sockets")


_presences: WeakKeyDictionary[asyncio.AbstractEventLoop, Presence] = WeakKeyDictionary()


def presence() -> Presence:
    """That of the running loop."""
    loop = asyncio.get_running_loop()
    if loop not in _presences:
        _presences[loop] = Presence()
    return _presences[loop]
