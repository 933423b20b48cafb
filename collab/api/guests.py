"""What the page of a guest asks for: comments and suggestions on the one video of their link.

The endpoints of members, with other people let in: a guest has no token, so none of this is part of
the reference, and what a guest's browser shows here opens no other address.
"""

from functools import cached_property
from typing import Any, NoReturn, TypeVar

from django.db.models import Model
from rest_framework import authentication, exceptions, permissions, serializers
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from collab import passes
from collab.api.comments import CommentList, CommentShown, Words
from collab.api.shown import Person, Said
from collab.api.suggestions import SuggestionList, SuggestionShown
from collab.models import Comment, Suggestion
from collab.roles import Guest
from config.kit import throttle
from config.kit.scopes import SAFE
from videos.models import Video

M = TypeVar("M", bound=Model)
ASKS = throttle.Rate(240, 60)  # of one link and address
SAYS = throttle.Rate(30, 60)  # of all who have one link


class _OwnPage(authentication.SessionAuthentication):
    """Nobody is signed in by a link; but what a browser sends must come from our page."""

    def authenticate(self, request: Request) -> None:
        self.enforce_csrf(request)


class _HasLink(permissions.BasePermission):
    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method not in SAFE and not view.by.may_comment:
            raise exceptions.PermissionDenied("This link lets you read, not comment.")
        return True


class _Pace(BaseThrottle):
    def allow_request(self, request: Request, view: Any) -> bool:
        asked = request._request
        link = view.by.link_id
        self.taken = throttle.take(f"guest:{link}:{throttle.address_of(asked)}", ASKS)
        if self.taken.is_allowed and request.method not in SAFE:
            self.taken = throttle.take(f"guest-says:{link}", SAYS)
        return self.taken.is_allowed

    def wait(self) -> float:
        return self.taken.wait_s


class _OfLink(Said[M]):
    """The `pk` of its address is the link's."""

    authentication_classes = (_OwnPage,)
    permission_classes = (_HasLink,)
    throttle_classes = (_Pace,)
    schema = None  # see above

    def throttled(self, request: Request, wait: float) -> NoReturn:
        raise exceptions.Throttled(wait, "Too much at once.")

    @cached_property
    def by(self) -> Guest:
        """Raises NotFound where this browser has not opened the link, or the link has ended."""
        shown = passes.of_page(self.request._request, self.kwargs["pk"])
        guest = shown.guest if shown else None
        if guest is None:
            raise exceptions.NotFound("This link is not valid any more.")
        return guest

    @cached_property
    def video(self) -> Video:
        return Video.objects.select_related("team").get(pk=self.by.video_id)


class _Seen(Person):
    name = serializers.CharField(source="get_public_name")


class _CommentSeen(CommentShown):
    author = _Seen(allow_null=True)
    resolved_by = _Seen(allow_null=True)

    class Meta(CommentShown.Meta):
        fields = [name for name in CommentShown.Meta.fields if name != "mentions"]


class _SuggestionSeen(SuggestionShown):
    author = _Seen(allow_null=True)
    decided_by = _Seen(allow_null=True)


class GuestComments(_OfLink[Comment], CommentList):
    """Nobody is mentioned: guests do not know who is in the team."""

    serializer_class = _CommentSeen
    input_class = Words


class GuestSuggestions(_OfLink[Suggestion], SuggestionList):
    serializer_class = _SuggestionSeen
