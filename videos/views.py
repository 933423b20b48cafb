"""Plain pages: a team's videos, and one video with its stages, player and downloads."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from django.views.generic import DetailView

from config.kit import files
from config.kit.models import Blob
from teams.access import actor_of
from videos import outputs
from videos.models import Video


class VideoDetail(LoginRequiredMixin, DetailView[Video]):
    template_name = "videos/detail.html"

    def get_queryset(self) -> QuerySet[Video]:
        return (
            Video.objects.visible_to(actor_of(self.request))
            .select_related("channel", "script")
            .defer("source")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        video = self.object
        delivered = outputs.delivered(video)
        return super().get_context_data(
            runs=video.runs.order_by("position"),
            scenes=video.scenes.order_by("position"),
            files=sorted(delivered),
            verdict=outputs.facts(video, "quality"),
            **kwargs,
        )


@require_safe
@login_required
def download(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A finished file of a video of the actor's team, with Range; `?inline` to play it."""
    video = get_object_or_404(Video.objects.visible_to(actor_of(request)), pk=pk)
    sha256 = outputs.delivered(video).get(name)
    blob = sha256 and Blob.objects.filter(team_id=video.team_id, sha256=sha256).first()
    if not blob:
        raise Http404(name)
    return files.serve(request, blob, filename=name, download="inline" not in request.GET)
