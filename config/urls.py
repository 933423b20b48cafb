from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from channels_app import urls as channels
from config.kit import problems
from teams import urls as teams
from videos import urls as videos

api = [*teams.api]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="videos:list"), name="home"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include((teams.pages, "teams"))),
    path("", include((channels.pages, "channels"))),
    path("", include((videos.pages, "videos"))),
    path("api/v1/", include((api, "api"))),
    path("api/v1/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(), name="api_docs"),
]

handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
