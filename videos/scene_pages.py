"""Editing of single scenes in the studio: each POST is one verb, and what was typed stays."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from config.kit import pages
from config.kit.errors import Refused, Stale
from config.kit.rows import storable
from videos import casting, choices, desk, scene_edits
from videos.models import Asset, AssetKind, Scene, Video
from videos.studio import OneVideo
from videos.writing import card_texts
from videos.writing.checks import Wrong

KEEP = "keep"
TEMPLATES = [
    (KEEP, "As it is"),
    ("statement", "Statement"),
    ("quote", "Quote"),
    ("list", "List"),
    ("json", "As JSON"),
]
STALE = "Somebody else has changed this scene meanwhile. Theirs is shown below; yours is kept here."


class SceneForm(forms.Form):
    headline = forms.CharField(required=False, max_length=80, validators=[storable])
    narration = forms.CharField(
        max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), validators=[storable]
    )
    template = forms.ChoiceField(choices=TEMPLATES, label="Card", initial=KEEP)
    text = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), validators=[storable]
    )
    voice = forms.CharField(required=False, max_length=60, validators=[storable])
    source = forms.ChoiceField(required=False, label="Picture behind it")
    prompt = forms.CharField(
        required=False,
        max_length=400,
        label="What it shows",
        help_text="Empty: made of the scene’s words.",
        validators=[storable],
    )
    visual = forms.CharField(
        required=False, label="Card as JSON", widget=forms.Textarea(attrs={"rows": 8})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = choices.sources()  # type: ignore[attr-defined]

    def wanted(self, scene: Scene) -> dict[str, Any]:
        """What `edit_scene` takes. Raises Refused."""
        given = self.cleaned_data
        fields = {"headline": given["headline"], "narration": given["narration"]}
        if "voice" in self.data:  # a page of before scenes had voices says nothing of it
            fields["voice"] = given["voice"]
        template = given["template"]
        try:
            if template == "json":
                fields["visual"] = json.loads(given["visual"])
            elif template != KEEP and not self._same_card(scene):
                fields["visual"] = card_texts.visual_of(template, given["text"], scene.visual)
            if template != "json":
                fields["visual"] = self._pictured(fields.get("visual", scene.visual))
        except (ValueError, Wrong) as fault:
            raise Refused(f"visual: this is no card: {fault}.", code="bad_script") from None
        return {name: value for name, value in fields.items() if value != getattr(scene, name)}

    def _pictured(self, visual: dict[str, Any]) -> dict[str, Any]:
        """With what the person wants behind it, where the card takes a picture at all."""
        if "source" not in self.data or not is_asking(visual):
            return visual
        told = {name: self.cleaned_data[name] for name in ("source", "prompt")}
        bare = {name: value for name, value in visual.items() if name not in told}
        return {**bare, **{name: value for name, value in told.items() if value}}

    def _same_card(self, scene: Scene) -> bool:
        given, now = self.cleaned_data, scene.visual
        text = given["text"].replace("\r\n", "\n")
        return bool(given["template"] == now.get("template") and text == card_texts.text_of(now))


def is_asking(visual: Mapping[str, Any]) -> bool:
    """Whether somebody may be asked for what the card shows."""
    return visual.get("template") == "statement" or bool(visual.get("source"))


class OneScene(OneVideo):
    def scene(self, pk: int, uid: str) -> Scene:
        return get_object_or_404(
            Scene.objects.select_related("video"), video=self.video(pk), uid=uid
        )


class ShowScene(OneScene):
    """The scene as it is read; what Cancel brings back."""

    def get(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        video = self.video(pk)
        lines = desk.scene_lines(video, self.by)
        found = [(n, line) for n, line in enumerate(lines, 1) if line.scene.uid == uid]
        if not found:
            raise Http404(uid)
        number, line = found[0]
        context = {"video": video, "line": line, "may": desk.may(video, self.by)}
        context |= {"number": number, "count": len(lines)}
        return render(request, "videos/studio/_scene.html", context)


class EditScene(OneScene):
    def get(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        return self._form(self.scene(pk, uid), None)

    def post(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        scene = self.scene(pk, uid)
        form = SceneForm(request.POST, auto_id=_ids(scene))
        if not form.is_valid():
            return self._form(scene, form, status=422)
        try:
            wanted = form.wanted(scene)
            if wanted:
                version = form.cleaned_data["version"]
                scene_edits.edit_scene(by=self.by, scene=scene, version=version, **wanted)
        except Stale:
            form.add_error(None, STALE)
            form.data = {**form.data.dict(), "version": str(scene.version)}  # type: ignore[attr-defined]
            return self._form(scene, form, status=422, theirs=scene)
        except Refused as refusal:
            pages.refuse(form, refusal)
            return self._form(scene, form, status=422)
        text = "Saved. Only what this changes is made again." if wanted else "Nothing was changed."
        return _done(request, scene.video, text)

    def _form(
        self, scene: Scene, form: SceneForm | None, status: int = 200, theirs: Scene | None = None
    ) -> HttpResponse:
        plain = card_texts.text_of(scene.visual)
        initial = {
            "headline": scene.headline,
            "narration": scene.narration,
            "text": plain,
            "template": scene.visual.get("template") if plain else KEEP,
            "visual": json.dumps(scene.visual, ensure_ascii=False, indent=2),
            "voice": scene.voice,
            "source": scene.visual.get("source", ""),
            "prompt": scene.visual.get("prompt", ""),
            "version": scene.version,
        }
        shown = form or SceneForm(initial=initial, auto_id=_ids(scene))
        cast, chosen = casting.cast_of(scene.video), shown["voice"].value() or ""
        known = {"", *(offer.full_name for offer in cast.voices)}
        context = {
            "scene": scene,
            "video": scene.video,
            "form": shown,
            "theirs": theirs,
            "is_asking": is_asking(scene.visual),
            "cast": cast,
            "gone": "" if chosen in known else chosen,
        }
        return render(self.request, "videos/studio/_scene_form.html", context, status=status)


class AddScene(OneVideo):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        narration = request.POST.get("narration", "").strip()
        scene_edits.add_scene(
            by=self.by,
            video=video,
            after=request.POST.get("after", ""),
            narration=narration,
            headline=request.POST.get("headline", "").strip(),
        )
        return _done(request, video, "The scene is in. It is being made now.")


class PickHook(OneVideo):
    """The writer's other beginnings: the first scene says the one that is chosen."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        seen = _number(request.POST.get("version", ""))
        scene_edits.begin_with(
            by=self.by,
            video=video,
            number=_number(request.POST.get("number", "")),
            version=seen or None,
        )
        return _done(request, video, "It begins with that now.")


class RemoveScene(OneScene):
    def post(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        video = self.video(pk)
        before = video.script.number if video.script else 0
        scene_edits.remove_scene(by=self.by, video=video, uid=uid)
        undo = reverse("videos:version", args=[pk, before])
        return _done(request, video, "The scene is out.", undo=undo)


class MoveScene(OneScene):
    def post(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        video = self.video(pk)
        to = request.POST.get("to", "")
        if not to.isdecimal() or len(to) > 4:
            raise Http404(to)
        scene_edits.move_scene(by=self.by, video=video, uid=uid, to=int(to))
        return _done(request, video, "Moved.")


class SplitScene(OneScene):
    """At the cursor: `at` counts characters of the narration as it is saved."""

    def post(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        video = self.video(pk)
        at = request.POST.get("at", "")
        if not at.isdecimal() or len(at) > 5:
            raise Http404(at)
        scene_edits.split_scene(by=self.by, video=video, uid=uid, at=int(at))
        return _done(request, video, "Two scenes now.")


class MergeScene(OneScene):
    def post(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        video = self.video(pk)
        scene_edits.merge_scenes(by=self.by, video=video, uid=uid)
        return _done(request, video, "One scene now.")


class AnotherPicture(OneScene):
    """The next that is found, or one made anew: the page has said what that costs."""

    def post(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        scene = self.scene(pk, uid)
        seen = _number(request.POST.get("turn", ""))
        made = scene_edits.another_picture(by=self.by, scene=scene, seen=seen)
        told = (
            "Another picture is on its way." if made else "Another picture was asked for already."
        )
        return _done(request, scene.video, told)


class PickAsset(OneScene):
    """The team's pictures and clips, to be shown in this scene."""

    def get(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        shown = [AssetKind.PICTURE, AssetKind.CLIP]
        mine = Asset.objects.visible_to(self.by).filter(kind__in=shown)
        text = request.GET.get("q", "").replace("\0", "").strip()[:100]
        if text:
            mine = mine.filter(name__icontains=text)
        scene = self.scene(pk, uid)
        context: dict[str, Any] = {"scene": scene, "video": scene.video, "asked": text}
        context["assets"] = mine.order_by("-id")[:60]
        return render(request, "videos/studio/picker.html", context)

    def post(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        scene = self.scene(pk, uid)
        asset = get_object_or_404(
            Asset.objects.visible_to(self.by), pk=_number(request.POST.get("asset", ""))
        )
        scene_edits.use_asset(by=self.by, scene=scene, asset=asset)
        pages.tell(request, f"{asset.name} is shown there. The scene is being made again.")
        return redirect(f"{reverse('videos:detail', args=[pk])}#scene-{uid}")


def _ids(scene: Scene) -> str:
    """Several scenes may be open at once: each has its own labels."""
    return f"scene-{scene.uid}-%s"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _done(request: HttpRequest, video: Video, text: str, *, undo: str = "") -> HttpResponse:
    """The page anew: an edit changes states, times and buttons all over it."""
    pages.tell(request, text, undo=undo)
    address = reverse("videos:detail", args=[video.pk])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect(f"{address}#scenes")
