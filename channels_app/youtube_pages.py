"""Pages that connect a channel to YouTube: to Google, back, confirmed, disconnected."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from channels_app import connecting
from channels_app.models import Channel, SignIn
from channels_app.youtube import oauth
from config.kit.errors import ProviderError, Refused
from teams.access import team_for_edit
from teams.pages import SignedIn


class _OfChannel(SignedIn, View):
    def channel(self, pk: int) -> Channel:
        found = get_object_or_404(Channel.objects.visible_to(self.by), pk=pk)
        team_for_edit(self.by, found.team_id)
        return found

    def way(self, pk: int) -> SignIn:
        """What waits for this person's word. Raises SignInOver."""
        way = connecting.waiting(by=self.by, channel=self.channel(pk))
        if way is None:
            raise connecting.SignInOver(connecting.OVER)
        return way


class Connect(_OfChannel):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return redirect(connecting.begin(by=self.by, channel=self.channel(pk)))


class Back(SignedIn, View):
    """Where Google leads back to. The state tells which channel it was about."""

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            way = connecting.take(by=self.by, state=request.GET.get("state", ""))
        except Refused as refusal:
            messages.error(request, refusal.message)
            return redirect("channels:list")
        try:
            self._keep(way)
        except (Refused, ProviderError) as error:
            messages.error(request, error.message)
            return redirect("channels:detail", way.channel_id)
        return redirect("channels:youtube_confirm", way.channel_id)

    def _keep(self, way: SignIn) -> None:
        code = self.request.GET.get("code", "")
        if not code:
            raise connecting.NotGranted("Nothing was allowed at Google, so nothing was connected.")
        connecting.keep(by=self.by, way=way, code=code)


class Confirm(_OfChannel):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        way = self.way(pk)
        context = {
            "channel": self.channel(pk),
            "way": way,
            "allowed": [text for one, text in oauth.ALLOWS.items() if one in way.scopes],
            "left_out": [text for one, text in oauth.ALLOWS.items() if one not in way.scopes],
        }
        return render(request, "channels/youtube_confirm.html", context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        way = self.way(pk)
        if request.POST.get("answer") == "connect":
            held = connecting.attach(by=self.by, way=way)
            messages.success(request, f"Connected to “{held}”.")
        else:
            connecting.drop(by=self.by, way=way)
            messages.success(request, "Nothing was connected.")
        return redirect("channels:detail", pk)


class Disconnect(_OfChannel):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        connecting.disconnect(by=self.by, channel=self.channel(pk))
        messages.success(request, "Disconnected. What YouTube told of the channel is deleted.")
        return redirect("channels:detail", pk)
