"""Endpoints of the scenes of a video's script."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api
from config.kit.openapi import described
from videos import scene_edits
from videos.api import examples
from videos.api.shown import OfVideo
from videos.models import Scene, ScriptVersion
from videos.writing.scripts import MAX_NARRATION, MAX_SCENES, MAX_VOICE


class SceneShown(serializers.ModelSerializer[Scene]):
    visual = api.Object()

    class Meta:
        model = Scene
        fields = ["uid", "position", "headline", "narration", "visual", "voice", "version"]


def _voice() -> api.Text:
    told = "Who speaks this scene, such as piper:joe; empty: the video's voice."
    return api.Text(required=False, allow_blank=True, max_length=MAX_VOICE, help_text=told)


class SceneChange(api.Input):
    narration = api.Text(max_length=MAX_NARRATION)
    headline = api.Text(required=False, allow_blank=True, max_length=200)
    visual = api.Object(required=False, help_text="See docs/script-json.md.")
    voice = _voice()


class NewScene(api.Input):
    narration = api.Text(max_length=MAX_NARRATION)
    headline = api.Text(required=False, allow_blank=True, max_length=200)
    after = api.Text(
        required=False,
        allow_blank=True,
        max_length=8,
        help_text="The uid of the scene before it; empty: it is the first; not said: the last.",
    )
    voice = _voice()


class Place(api.Input):
    to = api.Number(min_value=0, max_value=MAX_SCENES, help_text="Counts from 0.")


class Cut(api.Input):
    at = api.Number(
        min_value=1, max_value=MAX_NARRATION, help_text="A character of the narration, from 0."
    )


class _Scenes(OfVideo[Scene]):
    noun = "scenes"
    serializer_class = SceneShown
    pagination_class = api.InOrder

    def rows(self) -> QuerySet[Scene]:
        return Scene.objects.filter(video=self.video)

    def near(self, version: ScriptVersion, uid: str, step: int = 0) -> Scene:
        """The scene, or the one so many places behind it, in this version of the script."""
        uids = [str(scene["id"]) for scene in version.content["scenes"]]
        place = uids.index(uid) + step if uid else 0
        return Scene.objects.get(video=self.video, uid=uids[place])


class SceneList(_Scenes, api.List[Scene]):
    """The scenes of a video, in order; none before its script is written."""

    input_class = NewScene

    @described(NewScene, SceneShown, status=201, summary="Add a scene", examples=[examples.ADDED])
    def post(self, request: Request, pk: int) -> Response:
        rows, wanted = self.rows(), self.checked()
        seen = self.seen(is_needed=False)
        last = rows.order_by("position").values_list("uid", flat=True).last()
        after = wanted.pop("after", last or "")

        def add() -> Scene:
            version = scene_edits.add_scene(
                by=self.by, video=self.video, after=after, version=seen, **wanted
            )
            return self.near(version, after, 1)

        return self.makes(add)


class SceneOne(_Scenes, api.One[Scene]):
    """A scene; `uid` stays the same through edits, moves and splits."""

    input_class = SceneChange

    def where(self) -> dict[str, Any]:
        return {"uid": self.kwargs["uid"]}

    @described(
        SceneChange,
        SceneShown,
        summary="Change a scene; only that is made anew",
        examples=[examples.SPOKEN],
    )
    def patch(self, request: Request, pk: int, uid: str) -> Response:
        scene, wanted, version = self.get_object(), self.checked(partial=True), self.seen()
        scene_edits.edit_scene(by=self.by, scene=scene, version=version, **wanted)
        return self.answers(self.get_object())

    @described(None, None, status=204, summary="Take a scene out")
    def delete(self, request: Request, pk: int, uid: str) -> Response:
        scene, version = self.get_object(), self.seen()
        scene_edits.remove_scene(by=self.by, video=self.video, uid=scene.uid, scene_version=version)
        return Response(status=204)


class Hook(api.Input):
    number = api.Number(min_value=1, max_value=5, help_text="Of the script's `hooks`, from 1.")


class BeginWith(_Scenes, api.One[Scene]):
    """Let the first scene say another of the beginnings that a paid writer offers."""

    http_method_names: Sequence[str] = ["post", "options"]
    input_class = Hook

    @described(Hook, SceneShown, examples=[examples.BEGINNING])
    def post(self, request: Request, pk: int) -> Response:
        video, wanted, seen = self.video, self.checked(), self.seen(is_needed=False)

        def act() -> Scene:
            scene_edits.begin_with(by=self.by, video=video, version=seen, **wanted)
            return self.rows().order_by("position")[0]

        return self.makes(act, status=200)


class _Act(_Scenes, api.One[Scene]):
    """Its subclass names a verb that takes the uid and what the body says."""

    http_method_names: Sequence[str] = ["post", "options"]
    act: Callable[..., ScriptVersion]
    step = 0  # the scene that is answered stands so many places behind the one of the address

    def where(self) -> dict[str, Any]:
        return {"uid": self.kwargs["uid"]}

    def acted(self, status: int) -> Response:
        scene, wanted, seen = self.get_object(), self.checked(), self.seen(is_needed=False)

        def act() -> Scene:
            version = type(self).act(
                by=self.by, video=self.video, uid=scene.uid, version=seen, **wanted
            )
            return self.near(version, scene.uid, self.step)

        return self.makes(act, status=status)


class Move(_Act):
    """Put a scene at another place."""

    input_class = Place
    act = scene_edits.move_scene

    @described(Place, SceneShown)
    def post(self, request: Request, pk: int, uid: str) -> Response:
        return self.acted(200)


class Split(_Act):
    """Make two scenes of one; the answer is the new one behind it."""

    input_class = Cut
    act = scene_edits.split_scene
    step = 1

    @described(Cut, SceneShown, status=201)
    def post(self, request: Request, pk: int, uid: str) -> Response:
        return self.acted(201)


class Merge(_Act):
    """Make one scene of this one and the one behind it."""

    act = scene_edits.merge_scenes

    @described(None, SceneShown)
    def post(self, request: Request, pk: int, uid: str) -> Response:
        return self.acted(200)
