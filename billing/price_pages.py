"""The operators' page of the price book as a list: taken and given as CSV."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from billing import price_lists
from config.kit import pages
from config.kit.errors import Refused

RIGHT = "billing.change_price"  # superusers have every right
MOST_BYTES = 2_000_000


class ListForm(forms.Form):
    """Pasted, or as a file."""

    list = forms.CharField(required=False, widget=forms.Textarea, max_length=MOST_BYTES)
    file = forms.FileField(required=False)

    def text(self) -> str:
        """Raises Refused."""
        file = self.cleaned_data["file"]
        if file is None:
            return str(self.cleaned_data["list"])
        if file.size > MOST_BYTES:
            raise Refused("This file is too large for a price list.", code="invalid")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise Refused("This file is no CSV in UTF-8.", code="invalid") from None


def price_list(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    if request.GET.get("as") == "csv":
        return _file()
    form = ListForm(request.POST or None, request.FILES or None)
    refusal = ""
    if request.method == "POST" and not form.is_valid():
        refusal = " ".join(str(one) for errors in form.errors.values() for one in errors)
    elif request.method == "POST":
        try:
            taken = price_lists.take(form.text())
        except Refused as fault:
            refusal = fault.message
        else:
            pages.tell(request, f"The list is taken: {taken}.")
            return redirect("admin:price-list")
    shown = {
        **admin.site.each_context(request),
        "title": "Price list",
        "form": form,
        "refusal": refusal,
        "columns": price_lists.COLUMNS,
        "prices": price_lists.now(),
    }
    status = 422 if refusal else 200
    return render(request, "admin/price_list.html", shown, status=status)


def _file() -> HttpResponse:
    text = price_lists.written(price_lists.all_prices())
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="prices.csv"'
    return answer
