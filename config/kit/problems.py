"""Errors as RFC 9457 problem details under /api/, as designed pages everywhere else."""

import http
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.kit.database import is_unavailable
from config.kit.errors import Refused, Unavailable
from config.kit.pages import toast

log = logging.getLogger("showrunner.api")
API = "/api/"
RETRY_AFTER_S = 2
BUSY = "The database can't be reached just now. Nothing that was saved is lost: try again shortly."
TOO_LARGE = "That is too large: 5 MB is the most, 16 MB for a file or a piece of an upload."
CONTENT_TYPE = "application/problem+json"
DOCS = "/api/docs/#problems"
_FIELD = re.compile(r"([a-z][a-z0-9_]*): (.+)", re.S)  # as rows.refuse_invalid writes it

# what a program may rely on: each code, its status, and what it means
CODES: Mapping[str, tuple[int, str]] = {
    "invalid": (400, "A field is missing, unknown, of the wrong type or out of its range."),
    "bad_request": (400, "The request can't be read: not HTTP as it should be, or not JSON."),
    "not_authenticated": (401, "No token, or one that is unknown, expired or revoked."),
    "forbidden": (403, "The role or the scopes of the token do not allow this."),
    "csrf": (403, "A signed-in browser sent no valid CSRF token."),
    "not_found": (404, "There is no such thing, or it is another team's."),
    "method_not_allowed": (405, "This address has no such method."),
    "not_acceptable": (406, "Only application/json is answered here."),
    "refused": (409, "A rule says no; `detail` says which and what to do. Rules have own codes."),
    "idempotency_in_progress": (409, "The first request with this key has not ended yet."),
    "gone": (410, "What this address named was removed."),
    "stale": (412, "Somebody changed it since: get it anew, then change it."),
    "too_large": (413, "The body is above the limit."),
    "unsupported_media_type": (415, "The body is to be application/json."),
    "idempotency_key_reused": (422, "This key came with another request before."),
    "if_match_required": (428, "Changes need If-Match with the ETag that was read."),
    "throttled": (429, "Too many requests: wait as Retry-After says."),
    "server_error": (500, "A mistake of ours; it was logged."),
    "unavailable": (503, "Overloaded or starting: try again as Retry-After says."),
}
_PLAIN = {
    exceptions.ParseError: "bad_request",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "not_authenticated",
    exceptions.PermissionDenied: "forbidden",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "throttled",
}


def body(
    status: int, code: str, detail: str, errors: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": DOCS,
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": _whole(detail),
    }
    if not errors:
        return told
    pointed = [{name: _whole(text) for name, text in one.items()} for one in errors]
    return {**told, "errors": pointed}


def _whole(text: str) -> str:
    """What repeats the request may repeat half a surrogate pair, which UTF-8 can't write."""
    return text.encode("utf-8", "replace").decode()


def problem(status: int, code: str, detail: str) -> HttpResponse:
    return JsonResponse(body(status, code, detail), status=status, content_type=CONTENT_TYPE)


def handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. None: a bug, which flies on to `server_error`."""
    answer = _answer(error)
    if answer is None:
        return None
    set_rollback()
    answer.content_type = CONTENT_TYPE
    return answer


def _answer(error: Exception) -> Response | None:
    if isinstance(error, Refused):
        return _refusal(error)
    if isinstance(error, Unavailable) or is_unavailable(error):
        return _later(error)
    if isinstance(error, exceptions.ValidationError):
        errors = list(_pointers(error.get_full_details(), ""))
        first = errors[0]
        where = first["pointer"].lstrip("/").replace("/", ".")
        detail = f"{where}: {first['detail']}" if where else first["detail"]
        return Response(body(400, "invalid", detail, errors), status=400)
    if isinstance(error, RequestDataTooBig):
        return _response(413, "too_large", TOO_LARGE)
    if isinstance(error, Http404):
        return _response(404, "not_found", "There is nothing here that you may see.")
    if isinstance(error, PermissionDenied):
        return _response(403, "forbidden", str(error) or "You may not do this.")
    if isinstance(error, exceptions.APIException):
        return _known(error)
    return None


def _later(error: Exception) -> Response:
    answer = _response(503, "unavailable", _why(error))
    answer["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _refusal(error: Refused) -> Response:
    """What a rule says of a field's value is told as a check of the body tells it."""
    status = CODES[error.code][0] if error.code in CODES else error.status
    told = _FIELD.match(error.message)
    errors = [{"pointer": f"/{told[1]}", "code": error.code, "detail": told[2]}] if told else []
    return Response(body(status, error.code, error.message, errors), status=status)


def _known(error: exceptions.APIException) -> Response:
    code = _PLAIN.get(type(error), str(getattr(error, "code", "") or error.default_code))
    detail = str(error.detail)
    if isinstance(error, exceptions.PermissionDenied) and detail.startswith("CSRF"):
        code = "csrf"
    answer = _response(error.status_code, code, detail)
    if header := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        answer["Retry-After"] = str(max(1, round(wait + 0.5)))
    return answer


def _response(status: int, code: str, detail: str) -> Response:
    return Response(body(status, code, detail), status=status)


def _pointers(found: Any, at: str) -> Iterator[dict[str, str]]:
    """DRF's nested details, flat, with JSON pointers (RFC 6901)."""
    if isinstance(found, Mapping) and "message" in found and "code" in found:
        yield {"pointer": at, "code": str(found["code"]), "detail": str(found["message"])}
    elif isinstance(found, Mapping):
        for name, inner in found.items():
            here = at if name == "non_field_errors" else f"{at}/{_escaped(str(name))}"
            yield from _pointers(inner, here)
    else:
        for place, inner in enumerate(found):
            nested = isinstance(inner, Mapping) and "message" not in inner
            yield from _pointers(inner, f"{at}/{place}" if nested else at)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _told(request: HttpRequest, status: int, code: str, detail: str) -> HttpResponse:
    if request.path.startswith(API):
        return problem(status, code, detail)
    return render(request, f"{status}.html", {"detail": detail}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _told(request, 413, "too_large", TOO_LARGE)
    said = str(exception) if isinstance(exception, BadRequest) else ""
    return _told(request, 400, "bad_request", said or "The request can't be read.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 403, "forbidden", str(exception) or "You may not do this here.")


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW; the reason is for logs, which Django writes."""
    detail = "The form is too old or came from elsewhere: load the page again, then send it."
    return _told(request, 403, "csrf", detail)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _told(request, 404, "not_found", "There is nothing here that you may see.")


def server_error(request: HttpRequest) -> HttpResponse:
    """The pages are plain HTML without context: what failed may have been the context."""
    error = sys.exc_info()[1]
    if isinstance(error, Unavailable) or is_unavailable(error):
        answer = _out_of_reach(request, _why(error))
        answer["Retry-After"] = str(RETRY_AFTER_S)
        return answer
    if request.path.startswith(API):
        return problem(500, "server_error", "That is a mistake of ours; it was logged.")
    return render(request, "500.html", status=500)


def _why(error: BaseException | None) -> str:
    return error.message if isinstance(error, Unavailable) else BUSY


def _out_of_reach(request: HttpRequest, why: str) -> HttpResponse:
    if request.path.startswith(API):
        return problem(503, "unavailable", why)
    if request.headers.get("HX-Request"):  # the page stays, with what was typed
        answer = HttpResponse(why, status=503, content_type="text/plain")
        answer["HX-Reswap"] = "none"
        return toast(answer, why, tone="bad")
    return render(request, "503.html", status=503)


def no_trace_of_outages(record: logging.LogRecord) -> bool:
    """A filter of logs: that the database or the file store is away is one line, not a stack trace
    a request."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, Unavailable) or is_unavailable(error):
        record.exc_info = None
        record.msg, record.args = f"{record.getMessage()} ({str(error).strip()[:200]})", ()
    return True
