"""The page on which a video is ordered, and the voices that can be heard there."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views import View

from channels_app.models import BrandKit, Channel, Music
from config.kit import files, idempotency, pages
from config.kit.errors import Refused
from config.kit.models import IdempotencyState
from config.kit.rows import storable
from teams.access import Actor, team_for_costs, team_for_edit
from teams.pages import SignedIn
from videos import (
    actions,
    choices,
    foresight,
    reading,
    routing,
    sources,
    voice_samples,
    writers,
)
from videos.models import LONGEST_S, SHORTEST_S, Asset, AssetKind, Video, VideoFormat

LENGTHS = [
    (15, "15 s"),
    (30, "30 s"),
    (60, "1 min"),
    (90, "90 s"),
    (180, "3 min"),
    (300, "5 min"),
    (600, "10 min"),
]
SHAPES = [
    (VideoFormat.SHORT, "Short", "1080 × 1920", "short"),
    (VideoFormat.LANDSCAPE, "Landscape", "1920 × 1080", "landscape"),
    (VideoFormat.SQUARE, "Square", "1080 × 1080", "square"),
]
MUSIC = [(Music.COMPOSED, "Composed for it"), (Music.NONE, "None")]
OWN_WORDS = ("", "Nobody: the text's own sentences")
AS_CHANNEL = ("", "As the channel does")
MAX_UPLOAD, MAX_PDF = 5_000_000, 15_000_000
MOST_ASKED = 60  # once a second


class OrderForm(forms.Form):
    """What `actions.Wish` takes; empty means the channel's setting."""

    channel = forms.ModelChoiceField(queryset=Channel.objects.none(), empty_label=None)
    source = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        validators=[storable],
        strip=False,
    )
    file = forms.FileField(required=False, label="Text file")
    title = forms.CharField(required=False, max_length=200, validators=[storable])
    format = forms.ChoiceField(choices=VideoFormat.choices, initial=VideoFormat.SHORT)
    seconds = forms.IntegerField(min_value=SHORTEST_S, max_value=LONGEST_S, initial=60)
    language = forms.CharField(required=False, max_length=10)
    voice = forms.CharField(required=False, max_length=60)
    music = forms.ChoiceField(required=False)
    illustrate = forms.ChoiceField(required=False, label="Pictures")
    writer = forms.ChoiceField(required=False)
    tone = forms.CharField(required=False, max_length=100, validators=[storable])
    audience = forms.CharField(required=False, max_length=100, validators=[storable])
    brand_kit = forms.ModelChoiceField(
        queryset=BrandKit.objects.none(),
        required=False,
        empty_label="As the channel does",
        label="Look",
    )
    publish = forms.BooleanField(required=False)
    external_id = forms.CharField(
        required=False, max_length=100, label="External ID", validators=[storable]
    )

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        field.queryset = Channel.objects.visible_to(by).order_by("name", "id")  # type: ignore[attr-defined]
        look = self.fields["brand_kit"]
        look.queryset = BrandKit.objects.visible_to(by).order_by("name", "id")  # type: ignore[attr-defined]
        self.fields["music"].choices = [AS_CHANNEL, *music_of(by)]  # type: ignore[attr-defined]
        self.fields["illustrate"].choices = choices.pictures_of(by)  # type: ignore[attr-defined]
        self._offer_writers()

    def _offer_writers(self) -> None:
        """Where nobody is paid to write there is nothing to choose."""
        found = writers.offered()
        if found:
            self.fields["writer"].choices = [OWN_WORDS, *found]  # type: ignore[attr-defined]
        else:
            for name in writers.WISHES:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["source_kind"] = "auto"
        file = given.pop("file", None)
        if file is not None:
            given["source"], given["source_kind"] = self._read(file)
        if not given.get("source", "").strip() and "file" not in self.errors:
            self.add_error(
                "source",
                "Paste the text that the video is about or a page's address, or choose a file.",
            )
        return given

    def _read(self, file: UploadedFile[Any]) -> tuple[str, str]:
        name = file.name or "text.txt"
        most = MAX_PDF if name.lower().endswith(".pdf") else MAX_UPLOAD
        if (file.size or 0) > most:
            told = f"This file has more than {most // 1_000_000} MB: choose the part that matters."
            self.add_error("file", told)
            return "", "auto"
        try:
            source = sources.decode(name, file.read())
        except Refused as refusal:
            self.add_error("file", refusal.message)
            return "", "auto"
        return source

    def wish(self) -> actions.Wish:
        elsewhere = ("channel", "brand_kit")
        given = {n: value for n, value in self.cleaned_data.items() if n not in elsewhere}
        return actions.Wish(**given)


def music_of(by: Actor) -> list[tuple[str, str]]:
    """What may be played: composed, nothing, or a track of the team's own."""
    tracks = Asset.objects.visible_to(by).ready().filter(kind=AssetKind.MUSIC)
    own = [(f"asset:{one.pk}", one.name) for one in tracks.order_by("name", "id")[:200]]
    return [*MUSIC, *own]


class NewVideo(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        team_for_edit(self.by, self.by.team_id)
        initial = {"channel": request.GET.get("channel")}
        return self._page(OrderForm(by=self.by, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OrderForm(request.POST, request.FILES, by=self.by)
        if not form.is_valid():
            return self._page(form, status=422)
        channel = form.cleaned_data["channel"]
        try:
            video = self._once(request, channel, form.wish(), form.cleaned_data["brand_kit"])
        except Refused as refusal:
            pages.refuse(form, refusal)
            return self._page(form, status=422)
        pages.tell(request, "Your video is being made. This page shows how far it is.")
        return redirect("videos:detail", video.pk)

    def _once(
        self, request: HttpRequest, channel: Channel, wish: actions.Wish, kit: BrandKit | None
    ) -> Video:
        """A double click sends the same form twice: the second finds the first's video. The form
        of before with other words in it, as the browser's way back shows it, is another order."""

        def act() -> Video:
            return actions.create_video(by=self.by, channel=channel, wish=wish, kit=kit)

        once = request.POST.get("once", "")[:40]
        if not once:
            return act()
        asked = files.sha256_of_text(f"{channel.pk} {kit and kit.pk} {wish}")
        claimed = idempotency.claim(self.by.owner, f"page:{once}:{asked}", asked)
        if claimed.state == IdempotencyState.DONE:
            return Video.objects.visible_to(self.by).get(pk=claimed.answer_id)
        return idempotency.perform(claimed, act)

    def _page(self, form: OrderForm, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "lengths": LENGTHS,
            "shapes": SHAPES,
            "channels": form.fields["channel"].queryset.select_related("brand_kit"),  # type: ignore[attr-defined]
            "voices": routing.priced(routing.offers(self.by.team_id), self.by),
        }
        return render(self.request, "videos/new.html", context, status=status)


class PageOfTheWeb(SignedIn, View):
    """What a page says, before a video is made of it: asked for until a worker has read it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        team_for_edit(self.by, self.by.team_id)
        try:
            address = reading.ask(self.by, request.POST.get("source", ""))
        except Refused as refusal:
            return self._shown(fault=refusal.message.removeprefix("source: "))
        return self._shown(address)

    def get(self, request: HttpRequest) -> HttpResponse:
        team_for_edit(self.by, self.by.team_id)
        asked = request.GET.get("asked", "")
        times = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
        return self._shown(request.GET.get("url", ""), times + 1)

    def _shown(self, address: str = "", asked: int = 0, fault: str = "") -> HttpResponse:
        look = None if fault else reading.look(self.by, address)
        if look is None and asked > MOST_ASKED:
            fault = "No worker has read the page yet. Make the video: it is read then."
        context = {"address": address, "asked": asked, "look": look, "fault": fault}
        context["fault"] = fault or (look.fault if look else "")
        return render(self.request, "videos/_page.html", context)


class Estimated(SignedIn, View):
    """What the order would cost as it stands in the form, asked for while one fills it in."""

    def post(self, request: HttpRequest) -> HttpResponse:
        team_for_edit(self.by, self.by.team_id)
        team_for_costs(self.by, self.by.team_id)
        form = OrderForm(request.POST, request.FILES, by=self.by)
        form.is_valid()
        given = form.cleaned_data
        foreseen = None
        route: list[tuple[str, str]] = []
        if given.get("channel") and given.get("source", "").strip() and "seconds" in given:
            foreseen = foresight.estimate(channel=given["channel"], wish=form.wish())
            route = foresight.route(channel=given["channel"], wish=form.wish())
        context = {"foreseen": foreseen, "route": route}
        return render(request, "videos/_estimate.html", context)


class VoiceSample(SignedIn, View):
    """A sentence in a voice: 202 while it is still being spoken."""

    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        found = routing.offers(self.by.team_id)
        offer = next((one for one in found if one.full_name == name), None)
        if offer is None or not offer.can_be_heard:
            raise Http404(name)
        path = voice_samples.sample(offer)
        if path is None:
            return HttpResponse(status=202, headers={"Retry-After": "1"})
        headers = {"Cache-Control": "private, max-age=86400"}
        return FileResponse(path.open("rb"), content_type="audio/wav", headers=headers)
