"""The page on which a script is written together."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from collab import roles, store
from collab.store import NoScript
from teams.models import Membership
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
        members = Membership.objects.filter(team=video.team_id).select_related("user")
        context = {
            "video": video,
            "role": roles.role_in_room(self.by, video),
            "may_share": self.by.may_edit,
            "share_days": SHARE_DAYS,
            "people": [
                {"id": one.user.pk, "name": one.user.get_short_name()}
                for one in members.order_by("user__name", "id")
            ],
            "visuals": LABELS,
        }
        return render(request, "collab/script.html", context)
