from django.urls import path

from collab import guest_pages
from collab import pages as doors
from collab.api import comments, guests, links, suggestions

_VIDEO = "videos/<int:pk>/"
_COMMENT = _VIDEO + "comments/<int:comment>/"
_SUGGESTION = _VIDEO + "suggestions/<int:suggestion>/"

_SHARED = "shared/<int:pk>/"

pages = [
    path(_VIDEO + "script/", doors.ScriptPage.as_view(), name="script"),
    path(_VIDEO + "comments/", doors.Comments.as_view(), name="review"),
    path("s/<str:secret>/", guest_pages.Opening.as_view(), name="open_link"),
    path(_SHARED, guest_pages.SharedScript.as_view(), name="shared"),
    path(_SHARED + "name/", guest_pages.Naming.as_view(), name="shared_name"),
    path(_SHARED + "comments/", guests.GuestComments.as_view(), name="shared_comments"),
    path(_SHARED + "suggestions/", guests.GuestSuggestions.as_view(), name="shared_suggestions"),
]
api = [
    path(_VIDEO + "comments/", comments.CommentList.as_view(), name="comments"),
    path(_COMMENT, comments.CommentOne.as_view(), name="comment"),
    path(_COMMENT + "resolve/", comments.Resolve.as_view(), name="resolve"),
    path(_COMMENT + "reopen/", comments.Reopen.as_view(), name="reopen"),
    path(_VIDEO + "suggestions/", suggestions.SuggestionList.as_view(), name="suggestions"),
    path(_SUGGESTION, suggestions.SuggestionOne.as_view(), name="suggestion"),
    path(_SUGGESTION + "accept/", suggestions.Accept.as_view(), name="accept"),
    path(_SUGGESTION + "reject/", suggestions.Reject.as_view(), name="reject"),
    path(_SUGGESTION + "withdraw/", suggestions.Withdraw.as_view(), name="withdraw"),
    path(_VIDEO + "share-links/", links.ShareLinkList.as_view(), name="share_links"),
    path(_VIDEO + "share-links/<int:link>/", links.ShareLinkOne.as_view(), name="share_link"),
]
