"""`/_control/`: faults, quota, the clock, accounts, what was uploaded and the log."""

import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from tests.doubles import script
from tests.doubles.log import Log
from tests.doubles.youtube import sign_in, uploading
from tests.doubles.youtube.faults import Fault
from tests.doubles.youtube.talk import Answer, told
from tests.doubles.youtube.world import Processing, World, read_time, spelled


class Controlled(Protocol):
    log: Log
    world: World
    script: script.Script[Fault]


def answer(server: Controlled, method: str, path: str, raw: bytes) -> Answer:
    place = path.removeprefix("/_control/")
    if found := re.fullmatch(r"asked/(\d+)", place):
        body = server.log.body(int(found[1]))
        return Answer(body or b"", status=404 if body is None else 200)
    doors = READ if method == "GET" else WRITE
    if place not in doors:
        return told({"error": f"{method} {place}"}, status=404)
    try:
        return told(doors[place](server, json.loads(raw or b"{}")))
    except (ValueError, KeyError, TypeError) as error:
        return told({"error": str(error)}, status=400)


def _reset(server: Controlled, _: Any) -> Any:
    server.script.forget()
    server.world.forget()
    server.log.forget()
    return {}


def _faults(server: Controlled, asked: Any) -> Any:
    server.script.add(script.read(Fault, asked))
    return {"faults": server.script.told()}


def _quota(server: Controlled, asked: dict[str, Any]) -> Any:
    """`{"limits": {bucket: n}, "used": {bucket: n}, "per_minute": n}`, each as wanted."""
    world = server.world
    unknown = set(asked.get("limits", {})) | set(asked.get("used", {}))
    if unknown := unknown - set(world.quota.limits):
        raise ValueError(f"no bucket is named {sorted(unknown)[0]}")
    world.quota.limits |= asked.get("limits", {})
    for bucket, count in asked.get("used", {}).items():
        world.quota.used[world.quota.day(world.now()), bucket] = count
    world.quota.per_minute = asked.get("per_minute", world.quota.per_minute)
    return _quota_told(server, {})


def _quota_told(server: Controlled, _: Any) -> Any:
    now = server.world.now()
    return {"day": server.world.quota.day(now), "buckets": server.world.quota.told(now)}


def _clock(server: Controlled, asked: dict[str, Any]) -> Any:
    """`{"advance_s": n}` or `{"at": "2026-11-28T08:00:00Z"}`."""
    world = server.world
    if "at" in asked:
        world.shift_s += read_time(asked["at"]) - world.now()
    world.shift_s += asked.get("advance_s", 0)
    return _clock_told(server, {})


def _clock_told(server: Controlled, _: Any) -> Any:
    return {"now": spelled(server.world.now()), "shift_s": server.world.shift_s}


def _accounts(server: Controlled, asked: Any) -> Any:
    for one in asked if isinstance(asked, list) else [asked]:
        server.world.set_account(one)
    return _accounts_told(server, {})


def _accounts_told(server: Controlled, _: Any) -> Any:
    return [
        {
            "email": account.email,
            "state": account.state,
            "channels": [dict(vars(one)) for one in account.channels],
        }
        for account in server.world.accounts.values()
    ]


def _settings(server: Controlled, asked: dict[str, Any]) -> Any:
    """`processing` (polls, seconds, outcome, reason), `consent` (testing or production),
    `redirects`, `session_life_s`, `token_life_s`."""
    names = {"processing", "consent", "redirects", "session_life_s", "token_life_s"}
    if unknown := set(asked) - names:
        raise ValueError(f"no setting is named {sorted(unknown)[0]}")
    for name, value in asked.items():
        setattr(server.world, name, Processing(**value) if name == "processing" else value)
    return {}


def _grant(server: Controlled, asked: dict[str, Any]) -> Any:
    """A token for `channel` (or `account`) without the page, for `scopes` or all."""
    world = server.world
    channel = world.channels.get(asked.get("channel", ""))
    email = channel.account if channel else asked["account"]
    with world.turn:
        grant, _ = sign_in.grant_of(world, email, channel)
        scopes = set(asked.get("scopes", sign_in.SCOPES))
        grant.scopes |= scopes
        refresh = f"1//0control-{world.number()}"
        grant.refresh[refresh] = 0
        issued = sign_in.issued(world, grant, scopes, {"refresh_token": refresh})
    return json.loads(issued.body)


def _revoked(server: Controlled, asked: dict[str, Any]) -> Any:
    """What the owner takes back in the account's settings at Google."""
    grant = server.world.grants.get(asked["channel"])
    if grant:
        sign_in.end(server.world, grant)
    return {}


READ: dict[str, Callable[[Controlled, Any], Any]] = {
    "faults": lambda server, _: server.script.told(),
    "log": lambda server, _: server.log.lines(),
    "quota": _quota_told,
    "clock": _clock_told,
    "accounts": _accounts_told,
    "videos": lambda server, _: server.world.told_videos(),
    "sessions": lambda server, _: uploading.told(server.world.sessions.values()),
}
WRITE: dict[str, Callable[[Controlled, Any], Any]] = {
    "reset": _reset,
    "faults": _faults,
    "quota": _quota,
    "clock": _clock,
    "accounts": _accounts,
    "settings": _settings,
    "grant": _grant,
    "revoke": _revoked,
}
