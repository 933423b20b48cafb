"""A scene in other words: the instruction, its price, what the writer proposes, and the answer."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from billing.balances import CURRENCY
from config.kit import pages
from config.kit.errors import Refused
from config.kit.money import shown
from config.kit.rows import storable
from teams.access import team_for_edit
from videos import proposals
from videos.models import Proposal, ProposalState, Scene
from videos.scene_pages import OneScene
from videos.writing import lines, rewriting

ACTS: Mapping[str, tuple[Callable[..., None], str]] = {
    "ask": (proposals.ask, "The writer is asked."),
    "take": (proposals.take, "The scene says that now. Only it is made again."),
    "drop": (proposals.drop, "Dropped. Nothing was changed."),
}
PENDING = (ProposalState.WAITING, ProposalState.ASKED)


class InstructionForm(forms.Form):
    instruction = forms.CharField(
        max_length=300,
        label="What is to be different",
        widget=forms.TextInput(attrs={"placeholder": "Shorter, and begin with the number"}),
        validators=[storable],
    )
    line = forms.TypedChoiceField(
        required=False,
        coerce=int,
        widget=forms.RadioSelect,
        label="What it is about",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_line(self) -> int:
        return int(self.cleaned_data["line"] or 0)

    def __init__(self, scene: Scene, language: str, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        told = scene.narration
        places = lines.sentences(told, language)
        each = [(n, told[begin:end]) for n, (begin, end) in enumerate(places, 1)]
        self.fields["line"].choices = [(0, "The whole scene"), *each]  # type: ignore[attr-defined]


class Rewrite(OneScene):
    """With `?text=`, words that were chosen in the script, their sentence is what it is about."""

    def get(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        scene = self.scene(pk, uid)
        team_for_edit(self.by, scene.video.team_id)
        if not proposals.writer_of(scene.video):
            raise Http404("No paid writer is set up here.")
        chosen = proposals.line_with(scene, request.GET.get("text", ""))
        asked = {"line": chosen, "version": scene.version}
        return self._form(scene, self._made(scene, initial=asked))

    def post(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        scene = self.scene(pk, uid)
        form = self._made(scene, request.POST)
        if not form.is_valid():
            return self._form(scene, form, status=422)
        try:
            asked = proposals.price(by=self.by, scene=scene, **form.cleaned_data)
        except Refused as refusal:
            pages.refuse(form, refusal)
            return self._form(scene, form, status=422)
        return redirect("videos:proposal", pk, asked.pk)

    def _made(self, scene: Scene, *given: Any, **more: Any) -> InstructionForm:
        return InstructionForm(scene, proposals.language_of(scene.video), *given, **more)

    def _form(self, scene: Scene, form: InstructionForm, status: int = 200) -> HttpResponse:
        context = {"video": scene.video, "scene": scene, "form": form}
        return render(self.request, "videos/studio/rewrite.html", context, status=status)


class ShowProposal(OneScene):
    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        found = self.proposal(pk, number)
        context = {
            "video": found.video,
            "proposal": found,
            "is_pending": found.state in PENDING,
            "words": rewriting.words(found.was_narration, found.narration),
            "headline": rewriting.words(found.was_headline, found.headline),
        }
        if self.by.can_see_costs:
            context["expected"] = shown(found.expected_micros, CURRENCY)
            context["most"] = shown(found.most_micros, CURRENCY)
        return render(request, "videos/studio/proposal.html", context)

    def proposal(self, pk: int, number: int) -> Proposal:
        rows = Proposal.objects.visible_to(self.by).filter(video=self.video(pk))
        return get_object_or_404(rows.select_related("video__channel", "video__script"), pk=number)


class AnswerProposal(ShowProposal):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int, number: int, act: str) -> HttpResponse:
        if act not in ACTS:
            raise Http404(act)
        verb, told = ACTS[act]
        verb(by=self.by, proposal=self.proposal(pk, number))
        pages.tell(request, told)
        if act == "ask":
            return redirect("videos:proposal", pk, number)
        return redirect("videos:detail", pk)
