"""Who is in a room: the awareness states of its clients, held by the server.

The server holds them so that a joiner sees everybody at once; clients tell of themselves only every
15 s. A dictionary of our own rather than pycrdt's Awareness, which takes any client's word for
any other's, keeps what it knows of clients that have gone, and has a local client that a server
isn't.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from collab.frames import BadFrame, Frame, State, awareness, states_in

EXPIRES_S = 30.0  # as in y-protocols: a client renews after half of it
MOST_OF_ONE = 4  # client ids of a socket; a page has one, and another after its document is anew
MOST_BYTES = 4_096  # of a state


@dataclass
class _Held:
    peer: Hashable | None  # the socket of this process that speaks for it; None: another process's
    state: State
    until: float


class Presence:
    """Of one room. `now` is any clock that goes steadily, in seconds."""

    def __init__(self) -> None:
        self._held: dict[int, _Held] = {}

    def hear(
        self, peer: Hashable, payload: bytes, user: Mapping[str, Any], now: float
    ) -> Frame | None:
        """What a socket tells of itself, as everybody else is to hear it; None: it is not news.

        `user` is who the session says it is: what the client claims to be is thrown away, and so
        is what it tells of clients that are not its own. Raises BadFrame.
        """
        if len(payload) > MOST_OF_ONE * MOST_BYTES:
            raise BadFrame("This state of awareness is too large.")
        told = []
        for one in states_in(payload):
            state = one.state if one.state is None else {**one.state, "user": dict(user)}
            if self._is_of(peer, user, one.client_id):
                told.append(State(one.client_id, one.clock, state))
        return self._keep(peer, told, now)

    def hear_remote(self, payload: bytes, now: float) -> Frame | None:
        """What another process has heard, and has checked. Raises BadFrame."""
        return self._keep(None, states_in(payload), now)

    def _is_of(self, peer: Hashable, user: Mapping[str, Any], client_id: int) -> bool:
        """A person who reconnects goes on as the client they were, at whatever process."""
        held = self._held.get(client_id)
        if held is not None:
            return held.peer == peer or _user(held.state) == user
        return sum(one.peer == peer for one in self._held.values()) < MOST_OF_ONE

    def _keep(self, peer: Hashable | None, told: list[State], now: float) -> Frame | None:
        news = []
        for state in told:
            held = self._held.get(state.client_id)
            if not _is_newer(state, held.state if held else None):
                continue
            if state.state is None:
                del self._held[state.client_id]
            else:
                self._held[state.client_id] = _Held(peer, state, now + EXPIRES_S)
            news.append(state)
        return awareness(news) if news else None

    def leave(self, peer: Hashable) -> Frame | None:
        """A socket is closed: its clients have gone."""
        return self._drop([key for key, one in self._held.items() if one.peer == peer])

    def expire(self, now: float) -> Frame | None:
        return self._drop([key for key, one in self._held.items() if one.until <= now])

    def _drop(self, client_ids: list[int]) -> Frame | None:
        gone = [self._held.pop(client_id).state for client_id in client_ids]
        told = [State(one.client_id, one.clock + 1, None) for one in gone]
        return awareness(told) if told else None

    def all(self) -> Frame:
        """For a joiner."""
        return awareness(held.state for held in self._held.values())

    def mine(self) -> Frame | None:
        """What the sockets of this process tell of themselves, for one that has just begun."""
        told = [held.state for held in self._held.values() if held.peer is not None]
        return awareness(told) if told else None

    def users(self) -> list[Mapping[str, Any]]:
        """Who is there, each once, in the order of their coming."""
        found: dict[Any, Mapping[str, Any]] = {}
        for held in self._held.values():
            user = _user(held.state)
            found.setdefault(user.get("id", held.state.client_id), user)
        return list(found.values())

    def __len__(self) -> int:
        return len(self._held)


def _user(state: State) -> Mapping[str, Any]:
    found = (state.state or {}).get("user")
    return found if isinstance(found, Mapping) else {}


def _is_newer(state: State, known: State | None) -> bool:
    """By the clock that each client counts up; going needs no higher one."""
    if known is None:
        return state.state is not None
    return state.clock > known.clock or (state.clock == known.clock and state.state is None)
