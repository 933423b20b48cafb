from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator

from collab import actions, store
from collab.models import Comment, Document, ShareLink, Suggestion
from config.kit.admin import ReadOnly
from teams.access import operator


@admin.register(Document)
class DocumentAdmin(ReadOnly):
    """Scripts that people write together; the text itself is the team's."""

    list_display = ["video", "seq", "behind", "fault", "epoch", "age"]
    list_select_related = ["video"]
    search_fields = ["=video__id", "video__title"]
    ordering = ["-id"]
    exclude = ["snapshot"]
    actions = ["begin_anew"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        found: QuerySet[Document] = super().get_queryset(request)
        return found.defer("snapshot")

    @admin.display(description="Rows not in the script yet")
    def behind(self, document: Document) -> int:
        return document.seq - document.materialised_seq

    @admin.action(description="Forget the history", permissions=["operate"])
    def begin_anew(self, request: HttpRequest, queryset: QuerySet[Document]) -> HttpResponse:
        return self.each(request, queryset, store.begin_anew, done="Begun anew")


class _OfVideo(ReadOnly):
    list_select_related: Any = ["video", "team"]
    search_fields = ["=video__id", "video__title", "team__name"]
    ordering = ["-id"]


@admin.register(Comment)
class CommentAdmin(_OfVideo):
    list_display = ["video", "team", "author", "guest", "said", "resolved_at", "deleted_at", "age"]
    list_select_related: Any = ["video", "team", "author"]

    @admin.display(description="Text")
    def said(self, comment: Comment) -> str:
        return Truncator(comment.text).chars(120)


@admin.register(Suggestion)
class SuggestionAdmin(_OfVideo):
    list_display = ["video", "team", "author", "guest", "quote", "replacement", "state", "age"]
    list_select_related: Any = ["video", "team", "author"]
    list_filter = ["state"]


@admin.register(ShareLink)
class ShareLinkAdmin(_OfVideo):
    list_display = [
        "video",
        "team",
        "name",
        "role",
        "expires_at",
        "last_used_at",
        "revoked_at",
        "age",
    ]
    list_filter = ["role"]
    exclude = ["sha256"]
    actions = ["revoke"]

    @admin.action(description="Revoke", permissions=["operate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ShareLink]) -> HttpResponse:
        def act(link: ShareLink) -> None:
            actions.revoke_share_link(by=operator(link.team), link=link)

        return self.each(request, queryset.select_related("team"), act, done="Revoked")
