from django.urls import path

from collab import pages as doors
from collab.api import comments, links, suggestions

_VIDEO = "videos/<int:pk>/"
_COMMENT = _VIDEO + "comments/<int:comment>/"
_SUGGESTION = _VIDEO + "suggestions/<int:suggestion>/"

pages = [path(_VIDEO + "script/", doors.ScriptPage.as_view(), name="script")]
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
