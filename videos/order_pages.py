"""Ordering a video otherwise: another voice, other music, another length or form."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from config.kit import pages
from config.kit.errors import Refused
from teams.access import Actor
from videos import actions, choices, routing
from videos.models import LONGEST_S, SHORTEST_S, Video, VideoFormat
from videos.ordering import music_of
from videos.studio import OneVideo

FIELDS = ("voice", "music", "illustrate", "format", "seconds", "language")


class AgainForm(forms.Form):
    voice = forms.ChoiceField(required=False)
    music = forms.ChoiceField()
    illustrate = forms.ChoiceField(required=False, label="Pictures")
    format = forms.ChoiceField(choices=VideoFormat.choices)
    seconds = forms.IntegerField(min_value=SHORTEST_S, max_value=LONGEST_S, label="Length, seconds")
    language = forms.CharField(required=False, max_length=10, help_text="Empty: as in the text.")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = [("", "The best one for the language"), ("fast", "A quick one")]
        voices = [*usual, *routing.voices(by.team_id)]
        self.fields["voice"].choices = voices  # type: ignore[attr-defined]
        self.fields["music"].choices = music_of(by)  # type: ignore[attr-defined]
        self.fields["illustrate"].choices = choices.pictures_of(by)  # type: ignore[attr-defined]


class OrderAgain(OneVideo):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        initial = {name: getattr(video, name) for name in FIELDS}
        form = AgainForm(by=self.by, initial={**initial, "version": video.version})
        return self._page(video, form)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        video, form = self.video(pk), AgainForm(request.POST, by=self.by)
        if not form.is_valid():
            return self._page(video, form, status=422)
        given = dict(form.cleaned_data)
        version = given.pop("version")
        try:
            actions.change_order(by=self.by, video=video, version=version, **given)
        except Refused as refusal:
            pages.refuse(form, refusal)
            return self._page(video, form, status=422)
        pages.tell(request, "Ordered. Only what this changes is made again.")
        return redirect("videos:detail", pk)

    def _page(self, video: Video, form: AgainForm, status: int = 200) -> HttpResponse:
        context = {"video": video, "form": form}
        return render(self.request, "videos/studio/order.html", context, status=status)
