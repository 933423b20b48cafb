from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from config.kit.admin import ReadOnly
from config.kit.models import Blob
from videos.models import Artifact, Asset, AssetUpload

TEAM = ("team", AutocompleteSelectFilter)


@dataclass(frozen=True)
class File:
    name: str
    page: str  # where it can be had; empty: its bytes are gone
    size: int


def files_of(team_id: int, holders: Sequence[Mapping[str, str]]) -> list[list[File]]:
    """For each holder its files, by name; one question for all of them."""
    wanted = {sha256 for files in holders for sha256 in files.values()}
    found = Blob.objects.filter(team_id=team_id, sha256__in=wanted)
    kept = {
        blob.sha256: (reverse("admin:kit_blob_file", args=[blob.pk]), blob.size) for blob in found
    }
    return [
        [File(name, *kept.get(sha256, ("", 0))) for name, sha256 in sorted(files.items())]
        for files in holders
    ]


def links(team_id: int, files: Mapping[str, str]) -> str:
    """A line for each file that is still kept."""
    (found,) = files_of(team_id, [files])
    lines = (
        (file.page, quote(file.name), file.name, filesizeformat(file.size))
        for file in found
        if file.page
    )
    return format_html_join("", '<a href="{}?name={}">{}</a> ({})<br>', lines) or "None is kept."


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly):
    list_display = ["short", "team", "stage", "provider", "names", "bytes", "age"]
    list_filter = ["stage", TEAM, "created_at"]
    list_select_related = ["team"]
    search_fields = ["key", "provider"]
    ordering = ["-id"]
    fields = ["key", "team", "stage", "provider", "size", "kept", "facts", "created_at"]
    readonly_fields = ["kept"]

    @admin.display(description="Key", ordering="key")
    def short(self, artifact: Artifact) -> str:
        return artifact.key[:12]

    @admin.display(description="Files")
    def names(self, artifact: Artifact) -> str:
        return ", ".join(sorted(artifact.files))

    @admin.display(description="Files")
    def kept(self, artifact: Artifact) -> str:
        return links(artifact.team_id, artifact.files)


@admin.register(Asset)
class AssetAdmin(ReadOnly):
    list_display = ["name", "team", "kind", "badge", "reason", "content_type", "bytes", "age"]
    list_filter = ["state", "kind", TEAM]
    list_select_related = ["team"]
    search_fields = ["name", "sha256"]
    ordering = ["-id"]
    exclude = ["source_sha256", "sha256"]
    readonly_fields = ["kept"]

    @admin.display(description="File")
    def kept(self, asset: Asset) -> str:
        """The clean one alone: what was uploaded is seen by nobody."""
        return links(asset.team_id, {asset.name: asset.sha256})


@admin.register(AssetUpload)
class AssetUploadAdmin(ReadOnly):
    list_display = ["name", "team", "kind", "come", "bytes", "asset", "age", "expires_at"]
    list_filter = ["kind", TEAM]
    list_select_related = ["team", "asset"]
    search_fields = ["name"]
    ordering = ["-id"]

    @admin.display(description="Has come")
    def come(self, upload: AssetUpload) -> str:
        return f"{round(100 * upload.offset / max(1, upload.size))} %"
