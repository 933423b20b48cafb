from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="videos:list"), name="home"),
    path("admin/", admin.site.urls),
    path("", include("teams.urls")),
    path("videos/", include("videos.urls")),
]
