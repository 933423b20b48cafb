"""Ordering a video otherwise: another voice, other music, another length or form; and another text
as long as nothing was made of the first."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from config.kit import pages
from config.kit.errors import Refused
from config.kit.rows import storable
from teams.access import Actor
from videos import actions, choices, routing, writers
from videos.models import LONGEST_S, SHORTEST_S, SourceKind, Video, VideoFormat
from videos.ordering import OWN_WORDS, music_of
from videos.studio import OneVideo

FIELDS = ("voice", "music", "illustrate", "format", "seconds", "language")
WRITTEN = ("source", "writer")


class AgainForm(forms.Form):
    voice = forms.ChoiceField(required=False)
    music = forms.ChoiceField()
    illustrate = forms.ChoiceField(required=False, label="Pictures")
    format = forms.ChoiceField(choices=VideoFormat.choices)
    seconds = forms.IntegerField(min_value=SHORTEST_S, max_value=LONGEST_S, label="Length, seconds")
    language = forms.CharField(required=False, max_length=10, help_text="Empty: as in the text.")
    source = forms.CharField(
        required=False,
        label="Text",
        widget=forms.Textarea(attrs={"rows": 8}),
        validators=[storable],
        strip=False,
    )
    writer = forms.ChoiceField(required=False)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: Actor, video: Video, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = [("", "The best one for the language"), ("fast", "A quick one")]
        voices = [*usual, *routing.voices(by.team_id)]
        self.fields["voice"].choices = voices  # type: ignore[attr-defined]
        self.fields["music"].choices = music_of(by)  # type: ignore[attr-defined]
        self.fields["illustrate"].choices = choices.pictures_of(by)  # type: ignore[attr-defined]
        known = dict([OWN_WORDS, *writers.offered()])
        known.setdefault(video.writer, video.writer)
        self.fields["writer"].choices = list(known.items())  # type: ignore[attr-defined]
        if not actions.may_have_another_text(video):
            for name in WRITTEN:
                del self.fields[name]

    def ordered(self, video: Video) -> dict[str, Any]:
        """What `actions.change_order` takes."""
        given = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        given.pop("version", None)
        source = given.pop("source", "")
        if source.strip() and _lines(source) != _lines(video.source):
            given |= {"source": source, "source_kind": SourceKind.AUTO.value}
        return given


def _lines(text: str) -> list[str]:
    """Browsers end lines in their own way."""
    return text.splitlines()


class OrderAgain(OneVideo):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        initial = {name: getattr(video, name) for name in (*FIELDS, *WRITTEN, "version")}
        form = AgainForm(by=self.by, video=video, initial=initial)
        return self._page(video, form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        form = AgainForm(request.POST, by=self.by, video=video)
        if not form.is_valid():
            return self._page(video, form, status=422)
        version, ordered = form.cleaned_data["version"], form.ordered(video)
        try:
            actions.change_order(by=self.by, video=video, version=version, **ordered)
        except Refused as refusal:
            pages.refuse(form, refusal)
            return self._page(video, form, status=422)
        pages.tell(request, "Ordered. Only what this changes is made again.")
        return redirect("videos:detail", pk)

    def _page(self, video: Video, form: AgainForm, status: int = 200) -> HttpResponse:
        context = {"video": video, "form": form}
        return render(self.request, "videos/studio/order.html", context, status=status)
