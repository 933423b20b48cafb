"""Pages of brand kits: all of them, and one with the form that shows what it changes."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from channels_app import actions, logos, removals
from channels_app.forms import BrandKitForm, look_of
from channels_app.looks import advice
from channels_app.models import BrandKit
from channels_app.samples import KITS
from channels_app.views import page_of
from config.kit import pages
from config.kit.errors import Refused, Stale
from teams.access import team_for_edit
from teams.pages import SignedIn

PER_PAGE = 24


class BrandKitList(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        kits = BrandKit.objects.visible_to(self.by).annotate(used_by=Count("channels"))
        page = page_of(request, kits.order_by("name", "id"), PER_PAGE)
        return render(request, "channels/brand_kits.html", {"page": page, "samples": KITS})


class Advice(SignedIn, View):
    """What to think of before these colours are saved; asked for while they are chosen."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "channels/_advice.html", {"advice": advice(request.GET.dict())})


class _KitForm(SignedIn, View):
    """What a new kit and a kit's page share: a logo is taken first, so that it is never lost."""

    def _with_logo(self, request: HttpRequest, kit: BrandKit) -> BrandKitForm:
        form, refused = BrandKitForm(request.POST, request.FILES, instance=kit), None
        logo = request.FILES.get("logo")
        try:
            if isinstance(logo, UploadedFile):
                form.put_logo(logos.keep(self.by, logo))
            elif request.POST.get("drop_logo"):
                form.put_logo("")
        except Refused as refusal:
            refused = refusal
        form.is_valid()
        if refused:
            form.add_error("logo", refused.message)
        return form

    def _page(
        self, form: BrandKitForm, kit: BrandKit | None = None, *, status: int = 200
    ) -> HttpResponse:
        look = form.look()
        context: dict[str, Any] = {
            "form": form,
            "kit": kit,
            "look": look,
            "advice": advice(look),
            "samples": [{"name": one.name, "look": look_of(one), "kit": one} for one in KITS],
            "channels": kit.channels.order_by("name", "id")[:12] if kit else [],
        }
        return render(self.request, "channels/brand_kit.html", context, status=status)


class NewBrandKit(_KitForm):
    def get(self, request: HttpRequest) -> HttpResponse:
        team_for_edit(self.by, self.by.team_id)
        asked = request.GET.get("sample", "")
        sample = next((one for one in KITS if one.name == asked), KITS[0])
        return self._page(BrandKitForm(instance=BrandKit(**look_of(sample))))

    def post(self, request: HttpRequest) -> HttpResponse:
        team_for_edit(self.by, self.by.team_id)
        form = self._with_logo(request, BrandKit())
        if form.is_valid():
            try:
                kit = actions.create_brand_kit(by=self.by, **_named(form.everything()))
            except Refused as refusal:
                pages.refuse(form, refusal)
            else:
                messages.success(request, f"The brand kit {kit.name} is ready.")
                return redirect("channels:brand_kit", kit.pk)
        return self._page(form, status=422)


def _named(look: Mapping[str, str]) -> dict[str, Any]:
    rest = dict(look)
    return {"name": rest.pop("name"), "look": rest}


class BrandKitDetail(_KitForm):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(BrandKitForm(instance=self._kit(pk)), self._kit(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        kit = self._kit(pk)
        team_for_edit(self.by, kit.team_id)
        form = self._with_logo(request, self._kit(pk))
        if form.is_valid():
            try:
                actions.change_brand_kit(
                    by=self.by, kit=kit, look=form.wanted(), version=form.cleaned_data["version"]
                )
            except Stale:
                form = form.rebased(BrandKitForm(instance=self._kit(pk)))
            except Refused as refusal:
                pages.refuse(form, refusal)
            else:
                messages.success(request, "Saved. Videos that were ordered before stay as ordered.")
                return redirect("channels:brand_kit", pk)
        return self._page(form, kit, status=422)

    def _kit(self, pk: int) -> BrandKit:
        return get_object_or_404(BrandKit.objects.visible_to(self.by), pk=pk)


class DeleteBrandKit(SignedIn, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        kit = get_object_or_404(BrandKit.objects.visible_to(self.by), pk=pk)
        removals.delete_brand_kit(by=self.by, kit=kit)
        messages.success(request, f"The brand kit {kit.name} is deleted.")
        return redirect("channels:brand_kits")
