"""The studio: the page of one video, what it asks for while the video is made, and its actions."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views import View

from config.kit import files, pages, registry
from config.kit.errors import ProviderError, Refused
from config.kit.models import Blob
from config.kit.rows import storable
from teams.access import team_for_costs
from teams.pages import SignedIn
from videos import (
    actions,
    bills,
    chapters,
    copies,
    desk,
    outputs,
    removals,
    rereading,
    rules,
    scene_edits,
    scripts,
    stills,
)
from videos.contracts import scene_part
from videos.models import RunPart, Scene, StageRun, Video
from videos.writing import rewriting
from videos.writing import scripts as texts

PRIVATE = "private, max-age=604800"


class OneVideo(SignedIn, View):
    def video(self, pk: int) -> Video:
        """Raises Http404 for another team's, and for one in the bin."""
        rows = Video.objects.visible_to(self.by).select_related("channel__brand_kit", "script")
        return get_object_or_404(rows.defer("source"), pk=pk)


class Studio(OneVideo):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        gone = Video.objects.deleted_of(self.by).filter(pk=pk).only("pk", "title").first()
        if gone is not None:
            return render(request, "videos/studio/deleted.html", {"video": gone}, status=404)
        video = self.video(pk)
        beside = [show(request, video) for show in registry.beside_player]
        context = {**everything(video, self.by), "beside": beside}
        return render(request, "videos/studio/page.html", context)


def everything(video: Video, by: Any) -> dict[str, Any]:
    lines = desk.scene_lines(video, by)
    return {
        **desk.status(video, by),
        "scenes": lines,
        "report": desk.report(video),
        "files": desk.deliverables(video),
        "versions": desk.versions(video),
        "upload": desk.publication(video),
        "page": outputs.page(video),
        "bill": bills.panel(video) if by.can_see_costs else None,
        "to_make": _to_make(video, by),
        "content": video.script.content if video.script else {},
        "video_sha": outputs.delivered(video).get("video.mp4", ""),
    }


def _to_make(video: Video, by: Any) -> str:
    """The price on the button, for those who may see it."""
    waits = video.reason_code == scripts.TO_BE_BOUGHT
    return bills.to_make(video) if waits and by.can_see_costs else ""


class Costs(OneVideo):
    """Asked for anew when money has moved."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        team_for_costs(self.by, video.team_id)
        context = {"video": video, "bill": bills.panel(video)}
        return render(request, "videos/studio/_costs.html", context)


class Status(OneVideo):
    """Asked for when something has changed. `seen` is what the page shows: where more has
    changed than progress, the page is told to fetch its other parts anew."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        context = desk.status(self.video(pk), self.by)
        answer = render(request, "videos/studio/_status.html", context)
        if request.GET.get("seen") != context["signature"]:
            answer["HX-Trigger"] = json.dumps({"advanced": {}})
        return answer


def _pause(video: Video, by: Any) -> str:
    actions.pause(by=by, video=video)
    return "Paused. What is made stays made."


def _resume(video: Video, by: Any) -> str:
    actions.resume(by=by, video=video)
    return "It goes on."


def _produce(video: Video, by: Any) -> str:
    actions.produce(by=by, video=video)
    return "It is being made."


def _cancel(video: Video, by: Any) -> str:
    actions.cancel(by=by, video=video)
    return "Cancelled."


def _publish(video: Video, by: Any) -> str:
    actions.publish_video(by=by, video=video)
    return "Handed to the publisher."


def _read_again(video: Video, by: Any) -> str:
    rereading.read_again(by=by, video=video)
    return "The page is read again. Where it says the same, nothing else is made anew."


ACTS: Mapping[str, Callable[[Video, Any], str]] = {
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
    "produce": _produce,
    "publish": _publish,
    "read-again": _read_again,
}


class Act(OneVideo):
    def post(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        if act not in ACTS:
            raise Http404(act)
        pages.tell(request, ACTS[act](self.video(pk), self.by))
        return redirect("videos:detail", pk)


class AcceptClaims(OneVideo):
    """Those of the script that the person has read: the form carries its number along."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        seen = request.POST.get("script", "")
        number = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
        rules.accept_claims(by=self.by, video=self.video(pk), script=number)
        pages.tell(request, "Accepted. It goes on.")
        return redirect("videos:detail", pk)


class Approve(OneVideo):
    """Of what the person has seen: the form carries the version along."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        seen = request.POST.get("version", "")
        version = int(seen) if seen.isdecimal() and len(seen) < 10 else None
        actions.approve(by=self.by, video=self.video(pk), version=version)
        pages.tell(request, "Approved.")
        return redirect("videos:detail", pk)


class Retry(OneVideo):
    def post(self, request: HttpRequest, pk: int, stage: str) -> HttpResponse:
        run = get_object_or_404(
            StageRun.objects.select_related("video"), video=self.video(pk), stage=stage
        )
        actions.retry_stage(by=self.by, run=run)
        pages.tell(request, "It is done again; parts that come out the same are kept.")
        return redirect("videos:detail", pk)


class Duplicate(OneVideo):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        rows = Video.objects.visible_to(self.by).select_related("channel__brand_kit", "script")
        copy = copies.duplicate_video(by=self.by, video=get_object_or_404(rows, pk=pk))
        pages.tell(request, "This is the copy. What is the same is not made again.")
        return redirect("videos:detail", copy.pk)


class Delete(OneVideo):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        removals.delete_video(by=self.by, video=video)
        undo = {"undo": reverse("videos:bulk"), "fields": {"action": "restore", "ids": str(pk)}}
        pages.tell(request, f"“{video}” is in the bin for 30 days.", **undo)  # type: ignore[arg-type]
        return redirect("videos:list")


class DetailsForm(forms.Form):
    title = forms.CharField(max_length=100, validators=[storable])
    description = forms.CharField(
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[storable],
    )
    tags = forms.CharField(
        required=False, max_length=2000, help_text="Apart by commas.", validators=[storable]
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_tags(self) -> list[str]:
        given = self.cleaned_data["tags"].split(",")
        return [tag.strip() for tag in given if tag.strip()]


class Details(OneVideo):
    """What the video is called and described as where it goes out."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        content = video.script.content if video.script else {}
        initial = {
            "title": video.title,
            "description": content.get("description", ""),
            "tags": ", ".join(content.get("tags", [])),
            "version": video.version,
        }
        return self._form(video, DetailsForm(initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        video, form = self.video(pk), DetailsForm(request.POST)
        if not form.is_valid():
            return self._form(video, form, status=422)
        try:
            self._save(video, form.cleaned_data)
        except Refused as refusal:
            pages.refuse(form, refusal)
            return self._form(video, form, status=422)
        pages.tell(request, "Saved.")
        return redirect("videos:detail", pk)

    def _save(self, video: Video, given: Mapping[str, Any]) -> None:
        content = video.script.content if video.script else {}
        now = {"description": content.get("description", ""), "tags": content.get("tags", [])}
        wanted = {"description": given["description"], "tags": given["tags"]}
        version = given["version"]
        if given["title"] != video.title:
            version = scene_edits.rename(
                by=self.by, video=video, title=given["title"], version=version
            ).version
        if wanted != now and video.script:
            scene_edits.edit_details(by=self.by, video=video, details=wanted, version=version)

    def _form(self, video: Video, form: DetailsForm, status: int = 200) -> HttpResponse:
        context = {"video": video, "form": form, "chapters": chapters.of(video)}
        return render(self.request, "videos/studio/details.html", context, status=status)


class Version(OneVideo):
    """An older script beside the one of now; POST makes it the one of now."""

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        video = self.video(pk)
        version = get_object_or_404(video.script_versions, number=number)
        now = texts.read(video.script.content) if video.script else None
        old = texts.read(version.content)
        found = rewriting.diff(now, old) if now else []
        context = {"video": video, "version": version, "diff": found}
        context["changed"] = [one for one in found if one.kind != "same" or one.moved]
        context["may"] = desk.may(video, self.by)
        return render(request, "videos/studio/version.html", context)

    def post(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        video = self.video(pk)
        scene_edits.restore_version(by=self.by, video=video, number=number)
        pages.tell(request, f"Version {number} is the script again. What differs is made anew.")
        return redirect("videos:detail", pk)


class Still(OneVideo):
    """One frame of a scene, small."""

    def get(self, request: HttpRequest, pk: int, uid: str) -> HttpResponse:
        video = self.video(pk)
        scene = get_object_or_404(Scene, video=video, uid=uid)
        shown = RunPart.objects.filter(
            run__video=video, run__stage="visuals", part=scene_part(scene.uid)
        )
        part = shown.select_related("artifact").first()
        if part is None:
            raise Http404("It is not made yet.")
        try:
            jpeg = stills.still(video, part.artifact)
        except (ProviderError, FileNotFoundError) as error:
            raise Http404(str(error)) from error
        headers = {"Cache-Control": PRIVATE}
        return HttpResponse(jpeg, content_type="image/jpeg", headers=headers)


class Download(OneVideo):
    """A finished file, with Range; `?inline` to play it."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        video = self.video(pk)
        sha256 = outputs.delivered(video).get(name)
        blob = sha256 and Blob.objects.filter(team_id=video.team_id, sha256=sha256).first()
        if not blob:
            raise Http404(name)
        return files.serve(request, blob, filename=name, download="inline" not in request.GET)

    head = get
