from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from channels_app import urls as channels
from teams import urls as teams
from videos import urls as videos

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="videos:list"), name="home"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include((teams.pages, "teams"))),
    path("", include((channels.pages, "channels"))),
    path("", include((videos.pages, "videos"))),
]
