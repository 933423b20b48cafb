from django.urls import path

from teams import api as endpoints
from teams import views

pages = [
    path("team/tokens/", views.Tokens.as_view(), name="tokens"),
    path("team/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
]
api = [
    path("me/", endpoints.Me.as_view(), name="me"),
    path("members/", endpoints.MemberList.as_view(), name="members"),
    path("members/<int:pk>/", endpoints.MemberOne.as_view(), name="member"),
    path("tokens/", endpoints.TokenList.as_view(), name="tokens"),
    path("tokens/<int:pk>/", endpoints.TokenOne.as_view(), name="token"),
]
