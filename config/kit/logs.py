"""What a log line is about, and how it is written: ids by context, JSON or plain, no secrets.

A request and each piece of a worker's work is a unit: its ids stand in every line that is logged
meanwhile. Mail addresses, passwords in URLs, tokens and the random parts of one-time links are cut
out of every line, wherever they came from: a traceback, Django's own "Not Found: /invitations/..".
"""

import contextlib
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponseBase

from config.kit import registry

HEADER = "X-Request-ID"
QUIET_S = 5.0
MOST_STATEMENTS = 500  # that one unit counts; a run of hours must not grow without bound
Id = str | int
_GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# of a URL all behind the scheme; also of one that is a value in another
_URL = re.compile(r"(?i)(?:(?<=://)|(?<=%3a%2f%2f))\S+")
_SIGNED_IN = re.compile(r"(?is)(.*)(@|%40)(.*)")
_SECRETS = (
    (re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"), "[mail]"),
    (re.compile(r"\bsr_live_\w{8}_[\w-]+"), "[token]"),
    (re.compile(r"(?i)\b(bearer) [\w.~+/=-]{8,}"), r"\1 …"),
    (re.compile(r"(?i)\b([\w-]*(?:password|secret|token|api_?key|signature))=[^&\s\"']+"), r"\1=…"),
    # of a share link and of an invitation, whatever chance wrote
    (re.compile(r"(?:(?<=/s/)|(?<=/invitations/))[\w-]{16,}"), "…"),
    # the random part of a link: long, with a digit, and no file of ours
    (re.compile(r"(?<=/)(?=[\w:=-]*\d)[\w:=-]{20,}(?![\w:=.-])"), "…"),
)


@dataclass
class Unit:
    """One request, or one piece of a worker's work."""

    ids: dict[str, Id] = field(default_factory=dict)
    is_request: bool = False
    statements: dict[str, int] = field(default_factory=dict)
    repeats: dict[tuple[str, str], int] = field(default_factory=dict)  # statement, caller

    def saw(self, statement: str) -> int:
        """How often this unit has run the statement by now."""
        count = self.statements.get(statement, 0) + 1
        if count > 1 or len(self.statements) < MOST_STATEMENTS:
            self.statements[statement] = count
        return count

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.ids.items())


_unit: ContextVar[Unit | None] = ContextVar("showrunner_unit", default=None)


def current() -> Unit | None:
    return _unit.get()


def ids() -> Mapping[str, Id]:
    unit = _unit.get()
    return unit.ids if unit else {}


def tell(**more: Id | None) -> None:
    """Adds to the ids of the unit that runs; what is None is not known."""
    unit = _unit.get()
    if unit is not None:
        unit.ids.update({name: value for name, value in more.items() if value is not None})


@contextlib.contextmanager
def work(name: str, **about: Id) -> Iterator[Unit]:
    """A piece of a worker's work, and a span of that name where spans are kept."""
    with _running(Unit({**ids(), **about})) as unit, contextlib.ExitStack() as around:
        for open_span in registry.span:
            around.enter_context(open_span(name, about))
        yield unit


@contextlib.contextmanager
def running(unit: Unit) -> Iterator[None]:
    """For a thread of the unit: threads start without a context."""
    with _running(unit):
        yield


@contextlib.contextmanager
def _running(unit: Unit) -> Iterator[Unit]:
    before = _unit.set(unit)
    try:
        yield unit
    finally:
        _unit.reset(before)


def requests(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware; the first. Takes over the id that a router in front gave, if it is one."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        known = getattr(request, "scope", {}).get("ids", {})  # the access log reads them there
        unit = Unit(known, is_request=True)
        unit.ids["request"] = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
        with _running(unit):
            response = get_response(request)
        response[HEADER] = str(unit.ids["request"])
        return response

    return middleware


def scrubbed(text: str) -> str:
    """The text without what may open a door or name a person."""
    text = _URL.sub(_without_user, text)
    for secret, instead in _SECRETS:
        text = secret.sub(instead, text)
    return text


def _without_user(found: re.Match[str]) -> str:
    """A password may hold all that ends a URL's first part: what stands before the last @ goes,
    unless it reads like a path (https://video.example/@kelp)."""
    parts = _SIGNED_IN.fullmatch(found[0])
    if parts is None:
        return found[0]
    user, at, rest = parts.groups()
    is_path = "/" in user and ":" not in unquote(user)
    return found[0] if is_path else f"…{at}{rest}"


class Line(logging.Formatter):
    """For a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s%(about)s")

    def format(self, record: logging.LogRecord) -> str:
        unit = _unit.get()
        record.about = f" [{unit}]" if unit and unit.ids else ""
        return scrubbed(super().format(record))


class Json(logging.Formatter):
    """One object a line: time, level, logger, message, the unit's ids, what `extra` gave."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
            "process": record.process,
            **ids(),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in told and name != "about":
                told |= _plain(name, value)
        if record.exc_info and record.exc_info[0] is not None:
            told["error"] = record.exc_info[0].__name__
            told["traceback"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)


def _plain(name: str, value: object) -> dict[str, Any]:
    """Objects are left out: what of them would be shown, nobody has looked at."""
    if isinstance(value, str):
        return {name: scrubbed(value)}
    return {name: value} if isinstance(value, (int, float)) or value is None else {}


class NowAndThen(logging.Filter):
    """For what fails again and again while a server is away: one line in some seconds, and the
    reason instead of a trace."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self._told, self._next = told, 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            record.msg, record.args = self._told, (error.__cause__ or error,)
            record.exc_info = None
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + QUIET_S
        return True


def logging_config(form: str, level: str) -> dict[str, Any]:
    """The LOGGING setting; `form` is line or json."""
    formatter = {"json": Json, "line": Line}[form]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": formatter}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "showrunner": {"level": level},
            # Django would add a handler of its own for its development server
            "django": {"level": "WARNING", "handlers": [], "propagate": True},
            "django.server": {"level": "INFO", "handlers": [], "propagate": True},
            "django-q": {"level": "WARNING", "handlers": [], "propagate": True},
        },
    }
