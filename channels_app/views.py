"""Pages of channels: all of them, one with its settings, and what went out there."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Max, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from channels_app import actions, google, lists
from channels_app.forms import LANGUAGES, ChannelForm, NewChannelForm
from channels_app.models import Channel, Credential, Upload, UploadState
from channels_app.youtube.oauth import EDIT
from config.kit import pages
from config.kit.errors import Refused, Stale
from teams.access import team_for_edit
from teams.pages import SignedIn

PER_PAGE = 50
UPLOADS_PER_PAGE = 10


class ChannelList(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("q", "").replace("\0", "").strip()[:100]
        found = lists.page(self.by.team_id, asked, request.GET.get("page", "1"), PER_PAGE)
        videos = lists.videos_of(self.by.team_id, [channel.pk for channel in found.channels])
        for channel in found.channels:
            channel.made = videos.get(channel.pk, 0)  # type: ignore[attr-defined]
        page = pages.page(found.channels, found.number, found.total, PER_PAGE)
        any_there = bool(page.paginator.count) or bool(asked)
        context = {"page": page, "asked": asked, "any_there": any_there}
        return render(request, "channels/list.html", context)


def page_of(request: HttpRequest, found: QuerySet[Any], size: int) -> Page[Any]:
    return Paginator(found, size).get_page(request.GET.get("page"))


class NewChannel(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        team_for_edit(self.by, self.by.team_id)
        return self._page(NewChannelForm(by=self.by))

    def post(self, request: HttpRequest) -> HttpResponse:
        team_for_edit(self.by, self.by.team_id)
        form = NewChannelForm(request.POST, by=self.by)
        if form.is_valid():
            try:
                channel = actions.create_channel(by=self.by, **form.wanted())
            except Refused as refusal:
                pages.refuse(form, refusal)
            else:
                messages.success(request, f"The channel {channel.name} is ready.")
                return redirect("channels:detail", channel.pk)
        return self._page(form, status=422)

    def _page(self, form: NewChannelForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "languages": LANGUAGES, **_shown(form)}
        return render(self.request, "channels/new.html", context, status=status)


class ShownLook(SignedIn, View):
    """The chosen look of a channel that is about to be made."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form = NewChannelForm(request.GET, by=self.by)
        return render(request, "channels/_look.html", _shown(form))


def _shown(form: NewChannelForm) -> dict[str, Any]:
    kit = form.shown()
    told = "A brand kit that is there" if kit.pk else "A new brand kit, to be changed at any time"
    return {"kit": kit, "told": told}


class ChannelDetail(SignedIn, View):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        channel = self._channel(pk)
        return self._page(channel, ChannelForm(instance=self._channel(pk), by=self.by))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        channel = self._channel(pk)
        team_for_edit(self.by, channel.team_id)
        form = ChannelForm(request.POST, instance=self._channel(pk), by=self.by)
        if form.is_valid():
            try:
                self._change(channel, form)
            except Stale:
                form = form.rebased(ChannelForm(instance=self._channel(pk), by=self.by))
            except Refused as refusal:
                pages.refuse(form, refusal)
            else:
                messages.success(request, "Saved. Videos that were ordered before stay as ordered.")
                return redirect("channels:detail", pk)
        return self._page(channel, form, status=422)

    def _change(self, channel: Channel, form: ChannelForm) -> None:
        actions.change_channel(
            by=self.by,
            channel=channel,
            settings=form.wanted(),
            version=form.cleaned_data["version"],
        )

    def _channel(self, pk: int) -> Channel:
        visible = Channel.objects.visible_to(self.by).select_related("brand_kit")
        return get_object_or_404(visible, pk=pk)

    def _page(self, channel: Channel, form: ChannelForm, status: int = 200) -> HttpResponse:
        uploads = Upload.objects.visible_to(self.by).filter(channel=channel).order_by("-id")
        figures = uploads.order_by().aggregate(
            went_out=Count("pk", filter=Q(state=UploadState.DONE)),
            failed=Count("pk", filter=Q(state=UploadState.FAILED)),
            last_out_at=Max("published_at"),
        )
        attached = Credential.objects.visible_to(self.by).attached().filter(channel=channel)
        credential = attached.first()
        context = {
            "channel": channel,
            "credential": credential,
            "may_edit_there": credential is not None and EDIT in credential.scopes,
            "has_google": google.is_set_up(),
            "form": form,
            "languages": LANGUAGES,
            "uploads": page_of(self.request, uploads, UPLOADS_PER_PAGE),
            "figures": figures,
            "made": lists.videos_of(channel.team_id, [channel.pk]).get(channel.pk, 0),
        }
        return render(self.request, "channels/detail.html", context, status=status)


class RetryUpload(SignedIn, View):
    def post(self, request: HttpRequest, pk: int, upload: int) -> HttpResponse:
        mine = Upload.objects.visible_to(self.by).filter(channel_id=pk)
        actions.retry_upload(by=self.by, upload=get_object_or_404(mine, pk=upload))
        messages.success(request, "It is tried again.")
        return redirect("channels:detail", pk)
