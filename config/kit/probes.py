"""/healthz, /readyz and /metrics: answered before anything else looks at the request.

A platform's probe comes by plain HTTP, to an address instead of a name, without a cookie. So hosts,
the redirect to https, sessions and the set-up of an empty studio have no say here, and a healthy
process says so with no database at all.
"""

import ipaddress
import logging
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import exposition

from config.kit import jobs, metrics

log = logging.getLogger("showrunner.health")
ANSWER_S = 2.0  # all checks together; a probe has little more patience
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
    """503 names the parts that fail; whoever asks learns no address and no password."""
    found = readiness()
    failed = {part: said for part, said in found.items() if said}
    for part, said in failed.items():
        log.warning("not ready: %s: %s", part, said)
    told = {part: said or "ok" for part, said in found.items()}
    status = "failed" if failed else "ok"
    return JsonResponse({"status": status, "parts": told}, status=503 if failed else 200)


def readiness() -> dict[str, str]:
    """What each part says; empty: it is well."""
    checks: dict[str, Callable[[], None]] = {"database": _database, "storage": _storage}
    checks["queue"] = _queue
    if settings.REDIS_URL:
        checks["redis"] = _redis
    asked = {part: _checkers.submit(_apart, check) for part, check in checks.items()}
    return {part: _said(answer) for part, answer in asked.items()}


def _apart(check: Callable[[], None]) -> None:
    """In a thread of ours, with connections that end with the check."""
    try:
        check()
    finally:
        connections.close_all()


def _said(answer: "Future[None]") -> str:
    try:
        answer.result(ANSWER_S)
    except NotReady as error:
        return str(error)
    except TooLate:
        answer.cancel()
        return f"It did not answer within {ANSWER_S:g} s."
    except Exception as error:  # whatever a driver raises is an answer here
        return f"It can't be used: {type(error).__name__}."
    return ""


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _storage() -> None:
    folder = Path(settings.MEDIA_DIR)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"ready?")
    except OSError as error:
        raise NotReady(f"The media folder can't be written: {error.strerror}.") from None


def _redis() -> None:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=ANSWER_S / 2, socket_connect_timeout=ANSWER_S / 2
    )
    with client:
        client.ping()


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
