"""Pages of many videos: home, the list with its bulk actions, the search of the palette."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django import forms
from django.core.cache import cache
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views import View

from billing import columns
from billing.balances import CURRENCY
from billing.columns import BILL
from channels_app import lists
from channels_app.models import Channel
from config.kit import exports, pages
from config.kit.errors import ProviderError, Refused
from teams.access import Actor
from teams.pages import SignedIn
from videos import actions, bills, listing, outputs, previews, removals
from videos.models import Video, VideoFormat

PER_PAGE = 50
PER_CHUNK = 500  # rows of an export that are read at once
AT_ONCE = 200
THUMB_KEPT_S = 7 * 24 * 3600

Act = Callable[..., Any]


def _retry(*, by: Actor, video: Video) -> None:
    """From where it failed on; what stands is kept."""
    actions.resume(by=by, video=video)


BULK: Mapping[str, tuple[str, Act]] = {
    "pause": ("paused", actions.pause),
    "resume": ("resumed", actions.resume),
    "cancel": ("cancelled", actions.cancel),
    "retry": ("started again", _retry),
    "approve": ("approved", actions.approve),
    "publish": ("handed to the publisher", actions.publish_video),
    "delete": ("deleted", removals.delete_video),
    "restore": ("restored", removals.restore_video),
}


class Home(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            **listing.home(self.by.team_id),
            "has_channel": bool(lists.names(self.by.team_id)),
        }
        context["shown"] = context["moving"] = [video.pk for video in context["running"]]
        return render(request, "videos/home.html", context)


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(
        required=False,
        choices=[("", "All states"), *((name, told) for name, (told, _) in listing.GROUPS.items())],
    )
    channel = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    format = forms.ChoiceField(required=False, choices=[("", "All formats"), *VideoFormat.choices])
    sort = forms.ChoiceField(
        required=False, choices=[(name, told) for name, (told, _) in listing.SORTS.items()]
    )
    bin = forms.BooleanField(required=False)

    def search(self) -> listing.Search:
        """What can't be read is left out: an old or guessed address still shows a list."""
        self.is_valid()
        given = self.cleaned_data
        return listing.Search(
            text=given.get("q", ""),
            group=given.get("state", ""),
            channel=given.get("channel"),
            format=given.get("format", ""),
            sort=given.get("sort") or "newest",
            is_bin=bool(given.get("bin")),
        )


class VideoList(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponseBase:
        search = SearchForm(request.GET).search()
        if "csv" in request.GET:
            return _as_csv(self.by, search.of(self.by).iterator(chunk_size=PER_CHUNK))
        found = listing.page(self.by.team_id, search, request.GET.get("page", "1"), PER_PAGE)
        bills.beside(self.by, found.videos)
        context = {
            "currency": CURRENCY,
            "page": pages.page(found.videos, found.number, found.total, PER_PAGE),
            "search": search,
            "groups": [(name, told) for name, (told, _) in listing.GROUPS.items()],
            "sorts": [(name, told) for name, (told, _) in listing.SORTS.items()],
            "formats": VideoFormat.choices,
            "channels": lists.names(self.by.team_id),
            "shown": [video.pk for video in found.videos],
            "moving": [video.pk for video in found.videos if video.is_moving],  # type: ignore[attr-defined]
            "is_narrowed": search != listing.Search(is_bin=search.is_bin),
        }
        return render(request, "videos/list.html", context)


class Moving(SignedIn, View):
    """The state of the videos that a page shows, asked for when something has changed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        videos = listing.moving(self.by, _ids(request.GET.get("ids", "")))
        context = {
            "videos": videos,
            "shown": [video.pk for video in videos],
            "moving": [video.pk for video in videos if video.is_moving],  # type: ignore[attr-defined]
        }
        return render(request, "videos/_moving.html", context)


class Bulk(SignedIn, View):
    """One verb for many videos, each in a transaction of its own: some may be refused."""

    def post(self, request: HttpRequest) -> HttpResponse:
        name = request.POST.get("action", "")
        if name not in BULK:
            raise Http404(name)
        told, act = BULK[name]
        ids = _ids(",".join(request.POST.getlist("ids")))
        done, refused = [], []
        for video in self._chosen(name, ids):
            try:
                act(by=self.by, video=video)
                done.append(video.pk)
            except Refused as refusal:
                refused.append(f"{video}: {refusal.message}")
        return self._answer(name, told, done, refused)

    def _chosen(self, name: str, ids: list[int]) -> list[Video]:
        rows = Video.objects
        mine = rows.deleted_of(self.by) if name == "restore" else rows.visible_to(self.by)
        return list(mine.filter(pk__in=ids).select_related("channel").order_by("id"))

    def _answer(self, name: str, told: str, done: list[int], refused: list[str]) -> HttpResponse:
        text = f"{_counted(len(done))} {told}."
        if refused:
            text += f" {len(refused)} not: {' '.join(refused[:3])}"
        undo = reverse("videos:bulk") if name == "delete" and done else ""
        fields = {"action": "restore", "ids": ",".join(map(str, done))}
        tone = "bad" if refused else "good"
        pages.tell(self.request, text, tone=tone, undo=undo, fields=fields)
        return pages.goes_back(self.request, reverse("videos:list"))


class Search(SignedIn, View):
    """What the palette finds while one types."""

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").replace("\0", "").strip()[:100]
        context: dict[str, Any] = {"videos": [], "channels": []}
        if text:
            context["videos"] = listing.Search(text=text).of(self.by)[:6]
            context["channels"] = _channels(self.by).filter(name__icontains=text)[:4]
        return render(request, "videos/_found.html", context)


class Thumb(SignedIn, View):
    """The thumbnail, small enough for lists."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = get_object_or_404(Video.objects.visible_to(self.by).defer("source"), pk=pk)
        sha256 = outputs.delivered(video).get("thumbnail.jpg", "")
        key = f"thumb:{video.team_id}:{sha256}"
        small = cache.get(key) if sha256 else None
        if sha256 and small is None:
            try:
                small = previews.small(video.team_id, sha256)
            except ProviderError as error:
                raise Http404(error.message) from error
            cache.set(key, small, THUMB_KEPT_S)
        if small is None:
            raise Http404("There is no thumbnail yet.")
        headers = {"Cache-Control": "private, max-age=604800"}
        return HttpResponse(small, content_type="image/jpeg", headers=headers)


def _channels(by: Actor) -> Any:
    return Channel.objects.visible_to(by).order_by("name", "id")


def _ids(text: str) -> list[int]:
    found = [one for one in text.split(",") if one.isdecimal() and len(one) < 18]
    return [int(one) for one in found[:AT_ONCE]]


def _counted(n: int) -> str:
    return "One video" if n == 1 else f"{n or 'No'} videos"


HEAD = ("id", "title", "channel", "state", "format", "external_id", "created_at", "reason")


def _as_csv(by: Actor, videos: Iterator[Video]) -> StreamingHttpResponse:
    """With money for who may see it."""
    money = BILL if by.can_see_costs else ()
    return exports.as_csv("videos.csv", [*HEAD, *columns.head(money)], _lines(by, videos, money))


def _lines(
    by: Actor, videos: Iterator[Video], money: Sequence[str]
) -> Iterator[list[exports.Cell]]:
    while some := list(islice(videos, PER_CHUNK)):
        known = bills.beside(by, some)
        told = columns.lines(money, [video.bill for video in known])  # type: ignore[attr-defined]
        for video, amounts in zip(known, told, strict=True):
            yield [*_row(video), *amounts]


def _row(video: Video) -> list[exports.Cell]:
    return [
        str(video.pk),
        str(video),
        video.channel.name,
        video.state,
        video.format,
        video.external_id,
        video.created_at.isoformat(timespec="seconds"),
        video.reason,
    ]
