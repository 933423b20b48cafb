"""Pages of a person's notifications: all of them, and how they want to be told."""

from dataclasses import asdict
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from config.kit import pages
from teams import notices
from teams.journal_models import NotificationQuerySet
from teams.models import NoticeKind, Notification
from teams.notices import Ways as Wanted
from teams.pages import SignedIn

PER_PAGE = 50
TONES = {
    NoticeKind.VIDEO_FAILED: ("warn", "bad"),
    NoticeKind.VIDEO_BLOCKED: ("pause", "warn"),
    NoticeKind.VIDEO_REVIEW: ("check", "accent"),
    NoticeKind.VIDEO_PUBLISHED: ("send", "good"),
    NoticeKind.BUDGET_REACHED: ("costs", "warn"),
    NoticeKind.MENTIONED: ("mail", "accent"),
    NoticeKind.MEMBER_JOINED: ("team", "calm"),
    NoticeKind.BRAKE_PULLED: ("stop", "warn"),
    NoticeKind.WEBHOOK_DISABLED: ("webhook", "bad"),
    NoticeKind.CHANNEL_RECONNECT: ("channel", "warn"),
}


class _Mine(SignedIn, View):
    def mine(self) -> NotificationQuerySet:
        return Notification.objects.of(self.by.user_id, self.by.team_id)


class Notifications(_Mine):
    def get(self, request: HttpRequest) -> HttpResponse:
        only_unread = request.GET.get("unread") == "on"
        found = self.mine().unread() if only_unread else self.mine()
        page = Paginator(found.order_by("-id"), PER_PAGE).get_page(request.GET.get("page"))
        shown: Any
        for shown in page.object_list:
            shown.icon, shown.tone = TONES[NoticeKind(shown.kind)]
        context = {"page": page, "only_unread": only_unread}
        return render(request, "teams/notifications.html", context)


class Bell(SignedIn, View):
    """What the feed tells of the bell, for pages that no socket reaches."""

    def get(self, request: HttpRequest) -> HttpResponse:
        mine = (self.by.user_id or 0, self.by.team_id)
        return JsonResponse(asdict(notices.bells([mine]).get(mine, notices.SILENT)))


class Go(_Mine):
    """Leads to what a notification is about; who has followed it has read it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(self.mine(), pk=pk)
        notices.mark(by=self.by, notification=found, is_read=True)
        return redirect(found.url)


class Mark(_Mine):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found = get_object_or_404(self.mine(), pk=pk)
        notices.mark(by=self.by, notification=found, is_read=request.POST.get("to") != "unread")
        return pages.goes_back(request, otherwise="/notifications/")


class ReadAll(_Mine):
    def post(self, request: HttpRequest) -> HttpResponse:
        notices.mark_all(by=self.by)
        return redirect("teams:notifications")


class Ways(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        chosen: dict[str, Any] = notices.ways_of(self.by.user_id or 0)
        rows = [(kind, chosen[kind], TONES[kind][0]) for kind in NoticeKind]
        return render(request, "teams/notice_settings.html", {"rows": rows})

    def post(self, request: HttpRequest) -> HttpResponse:
        in_app, by_mail = request.POST.getlist("in_app"), request.POST.getlist("by_mail")
        ways = {kind: Wanted(kind in in_app, kind in by_mail) for kind in NoticeKind.values}
        notices.choose(by=self.by, ways=ways)
        pages.tell(request, "Saved.")
        return redirect("teams:notice_settings")
