"""The page on which a script is written together, and the comments beside a video's player."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from collab import review, roles, store
from collab.store import NoScript
from teams.models import Membership
from teams.pages import by
from videos import casting, outputs, writers
from videos.models import Video
from videos.studio import OneVideo

LABELS = {
    "title": "Title",
    "statement": "Statement",
    "list": "List",
    "number": "Number",
    "quote": "Quote",
    "chart": "Chart",
    "picture": "Picture",
    "clip": "Clip",
    "comparison": "Comparison",
}
SHARE_DAYS = {1: "A day", 7: "A week", 30: "30 days", 90: "90 days", 365: "A year"}


class ScriptPage(OneVideo):
    """What is in the text comes over the room's socket."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        video = self.video(pk)
        try:
            store.open_for(video)
        except NoScript as refusal:
            return render(
                request, "collab/no_script.html", {"video": video, "why": refusal.message}
            )
        context = {
            "video": video,
            "role": roles.role_in_room(self.by, video),
            "may_share": self.by.may_edit,
            "may_rewrite": self.by.may_edit and bool(writers.offered()),
            "share_days": SHARE_DAYS,
            "people": _people(video),
            "visuals": LABELS,
            "cast": casting.cast_of(video),
        }
        return render(request, "collab/script.html", context)


def _people(video: Video) -> list[dict[str, Any]]:
    """Who can be mentioned."""
    members = Membership.objects.filter(team=video.team_id, user__is_active=True)
    found = members.select_related("user").order_by("user__name", "id")
    return [{"id": one.user.pk, "name": one.user.get_short_name()} for one in found]


def beside_player(request: HttpRequest, video: Video) -> str:
    """The comments on a video, as HTML for its page."""
    actor = by(request)
    context = {
        **_said(request, video),
        "people": _people(video),
        "in_text": review.open_in_text(actor, video),
    }
    return render_to_string("collab/review/panel.html", context, request)


def _said(request: HttpRequest, video: Video) -> dict[str, Any]:
    actor = by(request)
    return {
        "video": video,
        "threads": review.threads(actor, video),
        "may_comment": actor.may_comment,
        "cut": outputs.delivered(video).get("video.mp4", ""),
    }


class Comments(OneVideo):
    """Those on the rendered video, asked for anew when somebody has said something."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return render(request, "collab/review/_threads.html", _said(request, self.video(pk)))
