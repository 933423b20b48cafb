"""The operators' admin: one door into it, a policy of its own for scripts, pages beside lists."""

from collections.abc import Callable
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib.auth.views import LogoutView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.sites import UnfoldAdminSite

View = Callable[..., HttpResponseBase]

# Alpine reads its attributes with eval and writes style attributes; whatever else pages load is
# a file of ours.
_relaxed = csp_replace(
    {
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF],
        "style-src-attr": [UNSAFE_INLINE],
    }
)


class Operators(UnfoldAdminSite):
    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._beside: list[tuple[str, str, View]] = []

    def add_page(self, route: str, view: View, *, name: str) -> None:
        """A page that shows no model; the view itself looks at permissions."""
        self._beside.append((route, name, view))

    def extra_urls(self) -> list[URLPattern]:
        return [path(route, self.admin_view(view), name=name) for route, name, view in self._beside]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return _relaxed(super().admin_view(view, cacheable))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Colours stand in static/css/admin.css: as settings they would be an inline style."""
        return {**super().each_context(request), "colors": None}

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The studio's sign-in is the only one, with its limits. Raises PermissionDenied."""
        wanted = request.GET.get("next", "")
        ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
        after = wanted if ours else reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(after)
        if request.user.is_authenticated:
            raise PermissionDenied("Only operators of this server get in here.")
        return redirect_to_login(after)

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return LogoutView.as_view(next_page=reverse("account_login"))(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))
