from django.urls import path

from teams import api as endpoints
from teams import brake_pages, events_api, people, views

pages = [
    path("set-up/", people.SetUp.as_view(), name="set_up"),
    path("invitations/<str:secret>/", people.Joining.as_view(), name="invitation"),
    path("team/", people.TeamPage.as_view(), name="team"),
    path("team/members/<int:pk>/", people.ChangeMember.as_view(), name="change_member"),
    path("team/members/<int:pk>/remove/", people.RemoveMember.as_view(), name="remove_member"),
    path("team/invitations/<int:pk>/resend/", people.Resend.as_view(), name="resend"),
    path("team/invitations/<int:pk>/revoke/", people.Revoke.as_view(), name="revoke"),
    path("team/leave/", people.Leave.as_view(), name="leave"),
    path("team/tokens/", views.Tokens.as_view(), name="tokens"),
    path("team/tokens/<int:pk>/revoke/", views.revoke_token, name="revoke_token"),
    path("teams/new/", people.NewTeam.as_view(), name="new_team"),
    path("teams/none/", people.NoTeam.as_view(), name="no_team"),
    path("teams/switch/", people.Switch.as_view(), name="switch"),
    path("settings/", people.Settings.as_view(), name="settings"),
    path("team/brakes/", brake_pages.Pull.as_view(), name="pull_brake"),
    path("team/brakes/<int:pk>/release/", brake_pages.Release.as_view(), name="release_brake"),
]
api = [
    path("me/", endpoints.Me.as_view(), name="me"),
    path("members/", endpoints.MemberList.as_view(), name="members"),
    path("members/<int:pk>/", endpoints.MemberOne.as_view(), name="member"),
    path("invitations/", endpoints.InvitationList.as_view(), name="invitations"),
    path("invitations/<int:pk>/", endpoints.InvitationOne.as_view(), name="invitation"),
    path("tokens/", endpoints.TokenList.as_view(), name="tokens"),
    path("tokens/<int:pk>/", endpoints.TokenOne.as_view(), name="token"),
    path("brakes/", endpoints.BrakeList.as_view(), name="brakes"),
    path("brakes/<int:pk>/", endpoints.BrakeOne.as_view(), name="brake"),
    path("events/", events_api.EventList.as_view(), name="events"),
    path("events/stream/", events_api.EventStream.as_view(), name="event_stream"),
    path("socket-tickets/", events_api.TicketList.as_view(), name="socket_tickets"),
]
