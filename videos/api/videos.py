"""Endpoints of videos: ordered, found, changed, deleted, and what is done with one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app.actions import home_channel
from channels_app.models import BrandKit, Channel
from config.kit import api
from config.kit.cache import Kept
from config.kit.openapi import described
from videos import actions, bills, copies, listing, removals, rereading, revisions, rules
from videos.api import examples
from videos.api.shown import VideoFull, Videos, VideoShown
from videos.models import (
    LONGEST_S,
    SHORTEST_S,
    Illustrate,
    SourceKind,
    Video,
    VideoFormat,
    VideoState,
)
from videos.writing import scripts as texts
from videos.writing.checks import Wrong


class ReadyScript(api.Object):
    """A script.json; see docs/script-json.md."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return texts.read(super().to_internal_value(data))
        except Wrong as fault:
            raise serializers.ValidationError(texts.in_words(fault), code="bad_script") from None


class Order(api.Input):
    title = api.Text(
        required=False, max_length=200, help_text="Not said: the script names the video."
    )
    source = api.Text(  # type: ignore[assignment]  # a field's own attribute is called so
        required=False,
        trim_whitespace=False,
        help_text="The text that the video is about: plain, markdown, HTML, a script.json, or the "
        "address of a page of the web.",
    )
    source_kind = api.Choice(SourceKind.choices, required=False)
    format = api.Choice(VideoFormat.choices, required=False)
    seconds = api.Number(
        required=False, min_value=SHORTEST_S, max_value=LONGEST_S, help_text="60 if not said."
    )
    language = api.Text(
        required=False, allow_blank=True, max_length=10, help_text="A tag such as en or pt-BR."
    )
    voice = api.Text(
        required=False, allow_blank=True, max_length=60, help_text="`engine:name`, `fast` or `hd`."
    )
    music = api.Text(
        required=False, max_length=40, help_text="`composed`, `none`, or `asset:` and its id."
    )
    illustrate = api.Choice(
        [("", "Nothing"), *Illustrate.choices],
        required=False,
        help_text="What stands behind statements whose script leaves it open.",
    )
    writer = api.Text(
        required=False,
        allow_blank=True,
        max_length=80,
        help_text="`vendor` or `vendor:model` that is paid to write; empty: the text's own words.",
    )
    tone = api.Text(
        required=False, allow_blank=True, max_length=100, help_text="For a paid writer."
    )
    audience = api.Text(
        required=False, allow_blank=True, max_length=100, help_text="For a paid writer."
    )
    pictures = api.Texts(
        required=False, help_text="How the text names a picture: the `sha256` of the asset."
    )
    clips = api.Texts(required=False)
    publish = api.Flag(required=False, help_text="Publish it when it is approved.")

    def validate_source(self, source: str) -> str:
        if not source.strip():
            raise serializers.ValidationError("There is no text in it.", code="blank")
        return source


class NewVideo(Order):
    channel = api.Row(Channel, required=False, help_text="Not said: the team's first channel.")
    brand_kit = api.Row(BrandKit, required=False, help_text="Another look than the channel's.")
    script = ReadyScript(required=False, help_text="Words that are ready: nothing is written.")
    external_id = api.Text(
        required=False, allow_blank=True, max_length=100, help_text="The number in your system."
    )
    priority = api.Number(required=False, min_value=-1000, max_value=1000)

    def validate(self, attrs: Mapping[str, Any]) -> Mapping[str, Any]:
        if not {"source", "script"} & set(attrs):
            raise serializers.ValidationError(
                {"source": "Send the text that the video is about, or a script."}, code="required"
            )
        return {"source": "", **attrs}


class VideoChange(Order):
    description = api.Text(required=False, allow_blank=True, max_length=5_000)
    tags = serializers.ListField(child=api.Text(max_length=60), required=False, max_length=30)


class VideoQuery(api.Query):
    state = serializers.ChoiceField(VideoState.choices, required=False)
    channel = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    external_id = serializers.CharField(required=False, max_length=100)
    q = serializers.CharField(required=False, max_length=100, help_text="Part of the title.")
    deleted = serializers.BooleanField(required=False, help_text="What lies in the bin.")


class VideoList(Videos, api.KeptList[Video]):
    """Videos of the team."""

    kept = Kept((Video,), ttl=300)
    kept_filters = ("state", "channel")
    input_class = NewVideo
    query_class = VideoQuery

    def get_serializer_class(self) -> type[VideoShown]:
        return VideoShown if self.request.method == "GET" else VideoFull

    def narrowed(self, rows: QuerySet[Video], asked: Mapping[str, Any]) -> QuerySet[Video]:
        found = Video.objects.deleted_of(self.by) if asked.get("deleted") else rows
        exact = {"state": "state", "channel": "channel_id", "external_id": "external_id"}
        wanted = {field: asked[name] for name, field in exact.items() if name in asked}
        words = Q(title__icontains=asked["q"]) if "q" in asked else Q()
        return found.filter(words, **wanted).select_related(None).defer(*listing.UNLISTED)

    def page(self, asked: Mapping[str, Any]) -> list[Video]:
        return bills.beside(self.by, listing.bring_up_to_date(super().page(asked)))

    def paginate_queryset(self, queryset: Any) -> Any:
        return listing.dress(super().paginate_queryset(queryset) or [])

    @described(
        NewVideo,
        VideoFull,
        status=201,
        summary="Order a video",
        examples=[examples.FROM_A_TEXT, examples.FROM_A_PAGE, examples.FROM_A_SCRIPT],
    )
    def post(self, request: Request) -> Response:
        wanted = self.checked()
        return self.makes(lambda: self._create(dict(wanted)))

    def _create(self, wanted: dict[str, Any]) -> Video:
        channel = wanted.pop("channel", None) or home_channel(by=self.by)
        script = wanted.pop("script", None)
        kit = wanted.pop("brand_kit", None)
        return actions.create_video(
            by=self.by, channel=channel, wish=actions.Wish(**wanted), script=script, kit=kit
        )


class VideoOne(Videos, api.One[Video]):
    """A video: its order, its state, and how far it is."""

    input_class = VideoChange
    is_kept_by_version = False  # its progress moves on without another version

    @described(
        VideoChange,
        VideoFull,
        summary="Change a video; what differs is made anew",
        examples=[examples.CHANGE],
    )
    def patch(self, request: Request, pk: int) -> Response:
        video, wanted, version = self.get_object(), self.checked(partial=True), self.seen()
        if "publish" in wanted:
            wanted["wants_publishing"] = wanted.pop("publish")
        revisions.revise_video(by=self.by, video=video, wanted=wanted, version=version)
        return self.answers(self.get_object())

    @described(None, None, status=204, summary="Put a video into the bin, for 30 days")
    def delete(self, request: Request, pk: int) -> Response:
        video, version = self.get_object(), self.seen()
        removals.delete_video(by=self.by, video=video, version=version)
        return Response(status=204)


class _Act(Videos, api.One[Video]):
    """Its subclass names a verb that takes `by` and `video`."""

    http_method_names: Sequence[str] = ["post", "options"]
    act: Callable[..., object]

    @described(None, VideoFull)
    def post(self, request: Request, pk: int) -> Response:
        video = self.get_object()
        self.checked()
        return self.makes(lambda: self._done(video), status=200)

    def _done(self, video: Video) -> Video:
        type(self).act(by=self.by, video=video)
        return video


class Pause(_Act):
    """Stop work on a video within seconds; what is made stays."""

    act = actions.pause


class Produce(_Act):
    """Make at once what people have written, without waiting until they are quiet."""

    act = actions.produce


class Resume(_Act):
    """Go on with a video that is paused, cancelled, failed or blocked."""

    act = actions.resume


class Cancel(_Act):
    """Let go of a video."""

    act = actions.cancel


class Approve(_Act):
    """Let a finished video out; asks for the right to approve."""

    right = "may_approve"
    act = actions.approve


class SeenScript(api.Input):
    script = api.Number(min_value=1, help_text="The number of the version that you have read.")


class AcceptClaims(Videos, api.One[Video]):
    """Answer for what the source of a written script does not bear out; it is made then."""

    http_method_names: Sequence[str] = ["post", "options"]
    input_class = SeenScript

    @described(SeenScript, VideoFull, examples=[examples.SEEN_SCRIPT])
    def post(self, request: Request, pk: int) -> Response:
        video, seen = self.get_object(), self.checked()
        return self.makes(lambda: self._accepted(video, seen["script"]), status=200)

    def _accepted(self, video: Video, script: int) -> Video:
        rules.accept_claims(by=self.by, video=video, script=script)
        return video


class Publish(_Act):
    """Hand an approved video to its channel's publisher."""

    act = actions.publish_video


class ReadAgain(_Act):
    """Read the page of a video anew; where it says the same, nothing else is made again."""

    act = rereading.read_again


class Restore(_Act):
    """Take a video out of the bin."""

    act = removals.restore_video

    def rows(self) -> QuerySet[Video]:
        both = Video.objects.visible_to(self.by) | Video.objects.deleted_of(self.by)
        return both.select_related("script")


class Duplicate(Videos, api.One[Video]):
    """Another video like this one; what is the same is not made again."""

    http_method_names: Sequence[str] = ["post", "options"]
    input_class = Order

    def rows(self) -> QuerySet[Video]:
        return super().rows().select_related("channel__brand_kit", "script")

    @described(Order, VideoFull, status=201, examples=[examples.COPY])
    def post(self, request: Request, pk: int) -> Response:
        video, changes = self.get_object(), self.checked()
        return self.makes(lambda: copies.duplicate_video(by=self.by, video=video, **changes))
