"""What pages share: refusals that a person can read, news in the corner of the screen."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from config.kit.errors import Refused

API = "/api/"
R = TypeVar("R", bound=HttpResponse)
T = TypeVar("T")


def toast(
    response: R,
    text: str,
    *,
    tone: str = "good",
    undo: str = "",
    fields: Mapping[str, str] | None = None,
) -> R:
    """Tells the page to show `text`; `undo` is the address that a button beside it posts to."""
    told = {"text": text, "tone": tone, "undo": undo, "fields": dict(fields or {})}
    triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
    response["HX-Trigger"] = json.dumps({**triggers, "toast": told})
    return response


def goes_back(request: HttpRequest, otherwise: str = "/") -> HttpResponseRedirect:
    """To the page that the person came from, if it is one of ours."""
    came_from = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(came_from if ours else otherwise)


def page(rows: Sequence[T], number: int, total: int, size: int) -> Page[T]:
    """Of a list whose rows and length are known already."""
    return Page(rows, number, Paginator(cast(Any, range(total)), size))


class Refusals:
    """What a verb refuses, the person reads: in a toast, or on the page that they came from.

    Views with a form catch the refusal themselves, so that what was typed stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused) or request.path.startswith(API):
            return None
        if request.headers.get("HX-Request"):
            answer = HttpResponse(error.message, status=error.status, content_type="text/plain")
            answer["HX-Reswap"] = "none"
            return toast(answer, error.message, tone="bad")
        messages.error(request, error.message)
        return goes_back(request)


def refuse(form: forms.BaseForm, refusal: Refused) -> None:
    """What a verb refuses stands at the field that it names, else above the form."""
    name, colon, sentence = refusal.message.partition(": ")
    named = name if colon and name in form.fields else None
    message = sentence if named else refusal.message
    form.add_error(named, forms.ValidationError(message, code=refusal.code))


def tries(form: forms.BaseForm, act: Callable[[], Any]) -> Any:
    """Calls the verb of a valid form. A refusal becomes the form's error, and None is answered."""
    try:
        return act()
    except Refused as refusal:
        refuse(form, refusal)
        return None


def tell(
    request: HttpRequest,
    text: str,
    *,
    tone: str = "good",
    undo: str = "",
    fields: Mapping[str, str] | None = None,
) -> None:
    """A toast on the next page that the person sees; `undo` as with `toast`."""
    level = {"good": messages.SUCCESS, "warn": messages.WARNING, "bad": messages.ERROR}[tone]
    extra = json.dumps({"undo": undo, "fields": dict(fields or {})}) if undo else ""
    messages.add_message(request, level, text, extra_tags=extra)
