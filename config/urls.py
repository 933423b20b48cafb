from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from channels_app import urls as channels
from config.kit import problems
from teams import urls as teams
from videos import urls as videos
from videos.pages import Home

api = [*teams.api, *channels.api, *videos.api]

# Swagger UI writes style attributes
reference = csp_replace({"style-src": [SELF, UNSAFE_INLINE]})(SpectacularSwaggerSplitView.as_view())

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include((teams.pages, "teams"))),
    path("", include((channels.pages, "channels"))),
    path("", include((videos.pages, "videos"))),
    path("api/v1/", include((api, "api"))),
    path("api/v1/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", reference, name="api_docs"),
]

handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
