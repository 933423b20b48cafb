"""Where operators find things: the areas of the admin, and in them the models by their labels."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

# label of a model, or the name of a page: its title, its icon, what follows the address
AREAS: dict[str, list[tuple[str, str, str, str]]] = {
    "": [
        ("index", "Overview", "monitoring", ""),
        ("brake", "Brake", "front_hand", ""),
    ],
    "Work": [
        ("videos.Video", "Videos", "movie", ""),
        ("videos.StageRun", "Stuck", "warning", "?stuck=yes"),
        ("videos.StageRun", "Stage runs", "account_tree", ""),
        ("channels_app.Upload", "Publications", "publish", ""),
        ("videos.Artifact", "Artifacts", "deployed_code", ""),
        ("videos.Asset", "Library", "perm_media", ""),
        ("videos.AssetUpload", "Uploads", "upload_file", ""),
        ("collab.Document", "Documents", "edit_document", ""),
        ("collab.Comment", "Comments", "comment", ""),
        ("collab.Suggestion", "Suggestions", "rate_review", ""),
        ("collab.ShareLink", "Share links", "share", ""),
        ("channels_app.Channel", "Channels", "live_tv", ""),
        ("channels_app.BrandKit", "Brand kits", "palette", ""),
    ],
    "YouTube": [
        ("channels_app.Credential", "Connections", "link", ""),
        ("channels_app.GoogleProject", "Google projects", "cloud", ""),
        ("channels_app.QuotaBucket", "Quota buckets", "inbox", ""),
        ("channels_app.QuotaRule", "Quota rules", "rule", ""),
        ("channels_app.QuotaDay", "Quota days", "calendar_today", ""),
        ("channels_app.QuotaLedger", "Quota ledgers", "receipt", ""),
    ],
    "Money": [
        ("billing.CostEntry", "Ledger", "receipt_long", ""),
        ("billing.Hold", "Holds", "lock_clock", ""),
        ("billing.Commitment", "Commitments", "inventory", ""),
        ("billing.Budget", "Budgets", "savings", ""),
        ("billing.Balance", "Balances of budgets", "account_balance", ""),
        ("billing.Price", "Prices", "sell", ""),
        ("price-list", "Price list", "list_alt", ""),
        ("billing.Rate", "Rates of currencies", "currency_exchange", ""),
    ],
    "People": [
        ("teams.Team", "Teams", "groups", ""),
        ("teams.User", "People", "person", ""),
        ("account.EmailAddress", "Mail addresses", "alternate_email", ""),
        ("teams.Membership", "Memberships", "badge", ""),
        ("teams.Invitation", "Invitations", "mail", ""),
        ("teams.ApiToken", "API tokens", "key", ""),
        ("auth.Group", "Rights by group", "shield_person", ""),
        ("teams.Event", "Journal", "history", ""),
        ("teams.Notification", "Notifications", "notifications", ""),
        ("teams.NoticeChoice", "What people are told", "tune", ""),
        ("teams.Webhook", "Webhooks", "webhook", ""),
        ("teams.Delivery", "Deliveries", "outbox", ""),
    ],
    "Machines": [
        ("kit.ClusterBeat", "Clusters", "dns", ""),
        ("providers", "Providers", "extension", ""),
        ("videos.ProviderLimit", "Limits of providers", "speed", ""),
        ("videos.RouteStep", "Routes of providers", "alt_route", ""),
        ("videos.ProviderRest", "Providers that failed", "bedtime", ""),
        ("videos.VendorVoice", "Voices of accounts", "record_voice_over", ""),
        ("django_q.OrmQ", "Queue", "low_priority", ""),
        ("kit.Mail", "Mail", "outgoing_mail", ""),
        ("teams.ListenerCursor", "Listeners", "hearing", ""),
        ("kit.SlowQuery", "Slow queries", "speed", ""),
        ("kit.Tally", "Troubles counted", "analytics", ""),
        ("kit.Blob", "Stored bytes", "database", ""),
    ],
}
OF_A_ROW = {  # reached from the row that they belong to
    "kit.BlobRef",
    "teams.TeamJournal",
    "videos.Scene",
    "videos.ScriptVersion",
    "videos.RunPart",
    "videos.Reply",
}
RIGHTS = {
    "providers": "videos.view_stagerun",
    "brake": "teams.change_brake",
}  # what a page without a model asks for


def areas(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation. A model that has an admin and no place above stands under More."""
    found = [
        {"title": title, "items": [_entry(request, *item) for item in items if _is_there(item[0])]}
        for title, items in AREAS.items()
    ]
    rest = [_entry(request, *item) for item in _unplaced()]
    return [*found, {"title": "More", "collapsible": True, "items": rest}]


def _is_there(target: str) -> bool:
    if "." not in target:
        return True
    label, name = target.split(".")
    known = apps.all_models[label].get(name.lower())
    return known is not None and admin.site.is_registered(known)


def _unplaced() -> Iterator[tuple[str, str, str, str]]:
    placed = {item[0] for items in AREAS.values() for item in items} | OF_A_ROW
    for model in admin.site._registry:
        if model._meta.label not in placed:
            yield model._meta.label, str(model._meta.verbose_name_plural).capitalize(), "tag", ""


def _entry(request: HttpRequest, target: str, title: str, icon: str, query: str) -> dict[str, Any]:
    if "." not in target:
        link, right = reverse(f"admin:{target}"), RIGHTS.get(target, "")
    else:
        label, name = target.lower().split(".")
        link, right = reverse(f"admin:{label}_{name}_changelist"), f"{label}.view_{name}"
    return {
        "title": title,
        "icon": icon,
        "link": link + query,
        "active": _is_active(request, link, query),
        "permission": lambda asked: not right or asked.user.has_perm(right),
    }


def _is_active(request: HttpRequest, link: str, query: str) -> bool:
    if link == reverse("admin:index"):
        return request.path == link
    by_filter = "stuck" in request.GET
    return request.path.startswith(link) and by_filter == bool(query)


def mark(request: HttpRequest) -> str:
    return static("img/mark.svg")


def style(request: HttpRequest) -> str:
    return static("css/admin.css")


def script(request: HttpRequest) -> str:
    return static("js/admin.js")
