"""Pages of who came by a share link: the link itself, and the script that it opens."""

from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View

from collab import actions, passes, roles, store
from collab.pages import LABELS
from collab.passes import Pass
from collab.roles import Guest
from collab.store import NoScript
from config.kit import logs, throttle
from teams.models import Membership
from videos import casting
from videos.models import Video

R = TypeVar("R", bound=HttpResponseBase)
WRONG_TRIES = throttle.Rate(30, 60)  # a minute and address


def _kept_quiet(answer: R) -> R:
    """For who has the link alone: in no index, in no cache."""
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _gone(request: HttpRequest) -> HttpResponse:
    """One answer for a link that never was, was revoked, has expired or lost its video."""
    return render(request, "collab/shared_gone.html", status=HTTPStatus.NOT_FOUND)


def _keep(answer: HttpResponse, shown: Pass) -> None:
    """Until the browser is closed, and sent to the pages of this link alone."""
    answer.set_cookie(
        passes.COOKIE,
        shown.for_pages,
        path=reverse("collab:shared", args=[shown.link]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class Opening(View):
    """A link, as it was sent: its secret leaves the address bar at once."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        answer = _kept_quiet(self._answer(request, secret))
        answer["Referrer-Policy"] = "no-referrer"  # the address is the secret
        return answer

    def _answer(self, request: HttpRequest, secret: str) -> HttpResponse:
        guest = roles.guest_of(secret)
        if guest is None:
            return self._wrong(request)
        if _is_member(request, guest):
            request.session["team_id"] = guest.team_id
            return redirect("collab:script", guest.video_id)
        answer = redirect("collab:shared", guest.link_id)
        _keep(answer, passes.begin(guest))
        return answer

    def _wrong(self, request: HttpRequest) -> HttpResponse:
        taken = throttle.take(f"share:{throttle.address_of(request)}", WRONG_TRIES)
        if taken.is_allowed:
            return _gone(request)
        answer = render(request, "collab/shared_gone.html", {"is_too_fast": True}, status=429)
        answer["Retry-After"] = str(max(1, round(taken.wait_s)))
        return answer


def _is_member(request: HttpRequest, guest: Guest) -> bool:
    mine = Membership.objects.filter(user_id=request.user.pk or 0, user__is_active=True)
    return mine.filter(team_id=guest.team_id).exists()


class _ByLink(View):
    """`self.guest` is who asks, let in by what their browser has kept of the link."""

    guest: Guest
    shown: Pass

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        shown = passes.of_page(request, kwargs["pk"])
        guest = shown.guest if shown else None
        if shown is None or guest is None:
            return _kept_quiet(_gone(request))
        self.shown, self.guest = shown, guest
        logs.tell(team=guest.team_id, video=guest.video_id)
        return _kept_quiet(super().dispatch(request, *args, **kwargs))


class SharedScript(_ByLink):
    """What is in the text comes over the room's socket."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = Video.objects.select_related("script").defer("source").get(pk=self.guest.video_id)
        actions.note_use(pk)
        role = roles.role_in_room(self.guest, video)
        context: dict[str, Any] = {"video": video, "role": role}
        try:
            store.open_for(video)
        except NoScript:
            return render(request, "collab/shared_empty.html", context)
        context |= {"shown": self.shown, "visuals": LABELS, "voice": casting.usual(video)}
        return render(request, "collab/shared.html", context)


class Naming(_ByLink):
    """What the others are to call this guest."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        shown = self.shown.named(request.POST.get("name", "")[:400])
        answer = JsonResponse({"name": shown.name, "pass": shown.for_room})
        _keep(answer, shown)
        return answer
