"""Pages of the web as sources: which may be read, since when one counts as read, and a look at one
before a video is made of it."""

import hashlib
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache

from config.kit import guard, jobs, outbound, throttle
from config.kit.cache import end_turn, take_turn
from config.kit.errors import Refused, Rejected, Stopped, Unavailable
from teams.access import Actor
from videos.contracts import Page, Reader
from videos.providers.catalogue import providers
from videos.writing.addresses import canonical
from videos.writing.languages import english_name
from videos.writing.sources import is_page, read_source

READER = "source:web"
READ = "videos.tasks.read_page"
KEPT_S = 600
BEING_READ_S = 120
EXCERPT = 600
A_PERSON = throttle.Rate(20, 300)


class BadAddress(Refused):
    code = "bad_source"


class TooMany(Refused):
    code = "busy"
    status = 429


def reader() -> Reader:
    agent = f"Mozilla/5.0 (compatible; Showrunner/1.0; +{settings.PUBLIC_URL})"
    found: Reader = providers.get(READER)(outbound.policy(), agent)
    return found


def begun(source: str, kind: str, earlier: str = "") -> dict[str, str]:
    """What a plan keeps of a page: one reading serves all videos that are ordered on a day, and
    those that carry it on from an `earlier` order. Raises BadAddress."""
    if not is_page(source, kind):
        return {}
    check(source)
    return {"reading": earlier or datetime.now(UTC).date().isoformat()}


def check(source: str) -> str:
    """The address as it is asked. Raises BadAddress for one that can't be read whatever it leads
    to; where a name leads is looked at when it is asked."""
    address = canonical(source)
    policy = guard.Policy(loopback=settings.OUTBOUND_LOOPBACK, http=True)
    try:
        guard.check(address, policy)
        guard.check_number(address, policy)
    except guard.BadAddress as refusal:
        told = refusal.message.removeprefix("url: ")
        raise BadAddress(f"source: {told[:1].upper()}{told[1:]}") from None
    return address


@dataclass(frozen=True)
class Look:
    """What a page would give. `fault` says why it gives nothing."""

    url: str
    title: str = ""
    about: str = ""  # who wrote it, where and when
    start: str = ""
    is_cut: bool = False
    words: int = 0
    language: str = ""
    tongue: str = ""  # its name
    fault: str = ""


def ask(by: Actor, source: str) -> str:
    """Has a worker look at the page; answers its address. Raises BadAddress, TooMany."""
    address = check(source)
    if not throttle.take(f"page:{by.owner}", A_PERSON).is_allowed:
        raise TooMany("source: You have read many pages: wait a minute.")
    key = _key(by.team_id, address)
    if take_turn(f"{key}:turn", BEING_READ_S):
        cache.delete(key)
        jobs.enqueue(READ, by.team_id, address, to="ai")
    return address


def look(by: Actor, address: str) -> Look | None:
    """None: nobody has looked at it yet."""
    kept: dict[str, Any] | None = cache.get(_key(by.team_id, address))
    return Look(**kept) if kept else None


def work(team_id: int, address: str) -> None:
    """The task. Doing it again looks again."""
    key = _key(team_id, address)
    try:
        with tempfile.TemporaryDirectory() as room:
            found = _seen(reader().read(address, room=Path(room), stopping=jobs.stopping))
    except (Rejected, Unavailable) as error:
        found = Look(address, fault=error.message)
    except Stopped:
        return
    finally:
        end_turn(f"{key}:turn")
    cache.set(key, asdict(found), KEPT_S)


def _seen(page: Page) -> Look:
    told = [one for one in (page.author, page.site, page.date) if one]
    text = " ".join(read_source(page.text, page.kind).texts())
    return Look(
        url=page.url,
        title=page.title,
        about=" · ".join(told),
        start=text[:EXCERPT],
        is_cut=len(text) > EXCERPT,
        words=len(text.split()),
        language=page.language,
        tongue=english_name(page.language),
    )


def _key(team_id: int, address: str) -> str:
    return f"page:{team_id}:{hashlib.sha256(address.encode()).hexdigest()}"
