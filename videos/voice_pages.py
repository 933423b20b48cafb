"""The voices that are sold to this studio: what they cost, whose they are, and who has agreed."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from config.kit import pages
from config.kit.rows import storable
from teams.pages import SignedIn
from videos import consents, vendor_voices
from videos.models import VendorVoice, VoiceConsent


class ConsentForm(forms.Form):
    person = forms.CharField(
        max_length=200, label="Whose voice it is", validators=[storable], required=False
    )
    agrees = forms.BooleanField(required=False)


class Voices(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        mine = VoiceConsent.objects.visible_to(self.by).order_by("-id")
        standing = {one.voice: one for one in mine if one.withdrawn_at is None}
        shelves = vendor_voices.shelves(self.by, standing)
        shown = {voice.full_name for shelf in shelves for voice, _ in shelf.voices}
        context: dict[str, Any] = {
            "shelves": shelves,
            "apart": [one for name, one in standing.items() if name not in shown],
            "past": [one for one in mine if one.withdrawn_at is not None],
            "statement": consents.STATEMENTS[consents.LATEST],
        }
        return render(request, "videos/voices.html", context)


class ListVoices(SignedIn, View):
    def post(self, request: HttpRequest) -> HttpResponse:
        vendor_voices.ask_for_list(by=self.by)
        pages.tell(request, "The vendors are asked. What they list is here in a moment.")
        return redirect("videos:voices")


class RecordConsent(SignedIn, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        voice = get_object_or_404(VendorVoice.objects.open_to(self.by.team_id), pk=pk)
        form = ConsentForm(request.POST)
        if not form.is_valid():
            raise consents.BadConsent("Write whose voice it is in 200 characters at most.")
        given = form.cleaned_data
        consents.record(by=self.by, voice=voice, **given)
        pages.tell(request, f"Recorded. This team may speak with {voice.name}.")
        return redirect("videos:voices")


class WithdrawConsent(SignedIn, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        consent = get_object_or_404(VoiceConsent.objects.visible_to(self.by), pk=pk)
        consents.withdraw(by=self.by, consent=consent)
        pages.tell(request, f"Withdrawn. Nothing is spoken with {consent.voice_name} any more.")
        return redirect("videos:voices")
