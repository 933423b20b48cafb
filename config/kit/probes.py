"""/healthz, /readyz and /metrics: answered before anything else looks at the request.

A platform's probe comes by plain HTTP, to an address instead of a name, without a cookie. So hosts,
the redirect to https, sessions and the set-up of an empty studio have no say here, and a healthy
process says so with no database at all.
"""

import ipaddress
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import exposition
from prometheus_client.metrics_core import Metric

from config.kit import jobs, metrics, stores
from config.kit.errors import Unavailable

log = logging.getLogger("showrunner.health")
ANSWER_S = 2.0  # all checks together; a probe has little more patience
KEPT_S = 5.0  # so long a server outside is not asked again
VITAL = ("database", "storage")  # without the others pages are served all the same
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
_checkers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="readyz")
Handler = Callable[[HttpRequest], HttpResponseBase]


class NotReady(Exception):
    """One sentence: what is wrong with a part."""


def probes(get_response: Handler) -> Handler:
    """Middleware; before all others but the one that gives the request its id."""
    doors = {"/healthz": _healthz, "/readyz": _readyz, "/metrics": _metrics}

    def middleware(request: HttpRequest) -> HttpResponseBase:
        door = doors.get(request.path)
        if door is None:
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        answer = door(request)
        answer["Cache-Control"] = "no-store"
        return answer

    return middleware


def _healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


def _readyz(request: HttpRequest) -> HttpResponse:
    """Names the parts that fail; whoever asks learns no address and no password. A web process
    that a router takes out for want of Redis or of workers would serve nobody instead of all."""
    found = readiness()
    failed = {part: said for part, said in found.items() if said}
    status = _status(failed)
    for part, said in failed.items():
        log.warning("%s: %s: %s", "not ready" if status == "failed" else status, part, said)
    told = {part: said or "ok" for part, said in found.items()}
    code = 503 if status == "failed" else 200
    return JsonResponse({"status": status, "parts": told}, status=code)


def _status(failed: Collection[str]) -> str:
    if any(part in failed for part in VITAL):
        return "failed"
    return "degraded" if failed else "ok"


def parts() -> Iterator[Metric]:
    """What /readyz says, for alerts."""
    about = "1 where this part fails /readyz"
    samples = [([part], int(bool(said))) for part, said in readiness().items()]
    yield metrics.gauge("part_failed", about, ["part"], samples)


def readiness() -> dict[str, str]:
    """What each part says; empty: it is well."""
    checks: dict[str, Callable[[], None]] = {"database": _database, "storage": _storage}
    checks["queue"] = _queue
    if settings.REDIS_URL:
        checks["redis"] = _redis
    asked = {part: _checkers.submit(_apart, check) for part, check in checks.items()}
    return {part: _said(answer) for part, answer in asked.items()}


def _apart(check: Callable[[], None]) -> str:
    """In a thread of ours, with connections that end with the check."""
    try:
        return _tried(check)
    finally:
        connections.close_all()


def _said(answer: "Future[str]") -> str:
    try:
        return answer.result(ANSWER_S)
    except TooLate:
        answer.cancel()
        return f"It did not answer within {ANSWER_S:g} s."


def _tried(check: Callable[[], None]) -> str:
    """What a part says; empty: it is well."""
    try:
        check()
    except NotReady as error:
        return str(error)
    except Exception as error:  # whatever a driver raises is an answer here
        return f"It can't be used: {type(error).__name__}."
    return ""


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


class _Remembered:
    """What a server outside said, for some seconds: a storm of probes asks it once. While one of
    them asks anew, the others take the answer before, so that a server that hangs holds up none of
    the other checks."""

    def __init__(self, ask: Callable[[], None], about: Callable[[], object]) -> None:
        """`about` is what the answer depends on."""
        self._ask, self._about = ask, about
        self._turn = threading.Lock()
        self._asked: object = None
        self._said, self._until = "", 0.0

    def __call__(self) -> None:
        is_new = self._asked != self._about()
        if is_new or time.monotonic() >= self._until:
            self._renew(wait=is_new)
        if self._said:
            raise NotReady(self._said)

    def _renew(self, *, wait: bool) -> None:
        if not self._turn.acquire(blocking=wait):
            return
        try:
            about = self._about()
            if self._asked != about or time.monotonic() >= self._until:
                self._said = _tried(self._ask)
                self._asked, self._until = about, time.monotonic() + KEPT_S
        finally:
            self._turn.release()


def _storage() -> None:
    if settings.MEDIA_S3:
        _bucket()
    else:
        _folder()


def _ask_bucket() -> None:
    try:
        stores.bucket_objects().answers()
    except Unavailable as error:
        raise NotReady(error.message) from error


def _folder() -> None:
    folder = Path(settings.MEDIA_DIR)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ready?")
    except OSError as error:
        raise NotReady(f"The media folder can't be written: {error.strerror}.") from None


def _ask_redis() -> None:
    from redis import Redis  # noqa: PLC0415 - installations without one do not load it

    client = Redis.from_url(
        settings.REDIS_URL, socket_timeout=ANSWER_S / 2, socket_connect_timeout=ANSWER_S / 2
    )
    with client:
        client.ping()


_bucket = _Remembered(_ask_bucket, lambda: settings.MEDIA_S3)
_redis = _Remembered(_ask_redis, lambda: settings.REDIS_URL)


def _queue() -> None:
    """A long queue is no fault, and a web process can't mend it; work that nobody does is one."""
    for cluster, (_, oldest_s) in metrics.backlogs().items():
        if oldest_s > settings.READY_QUEUE_S and not jobs.someone_works(cluster):
            raise NotReady(
                f"Work for {cluster} has waited {oldest_s:.0f} s, and no worker of it is alive."
            )


def _metrics(request: HttpRequest) -> HttpResponse:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
            return _refusal(401, "Show METRICS_TOKEN as a bearer token.")
    elif not _is_of_this_machine(request):
        return _refusal(403, "Set METRICS_TOKEN to read this from another machine.")
    encoder, content_type = exposition.choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encoder(metrics.registry()), content_type=content_type)


def _refusal(status: int, sentence: str) -> HttpResponse:
    answer = HttpResponse(sentence + "\n", status=status, content_type="text/plain")
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return answer


def _is_of_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine speaks from loopback for everybody: what it has forwarded is not of
    this machine, whether TRUST_PROXY is set or was forgotten."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
