"""The one project at Google, and where Google is: from the environment, else from the admin."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from channels_app.models import GoogleProject
from channels_app.youtube.client import Bases
from channels_app.youtube.oauth import Door, Places, Project
from config.kit import rows
from config.kit.database import verb
from config.kit.errors import Refused


class NoProject(Refused):
    code = "no_google_project"


def is_set_up() -> bool:
    return bool(_keys())


def door() -> Door:
    """Raises NoProject."""
    keys = _keys()
    if not keys:
        raise NoProject(
            "No Google project is set up here: an operator enters its client ID and secret first."
        )
    return Door(Project(*keys, back_address()), places())


def back_address() -> str:
    """Where Google leads a person back to; the project at Google names it letter by letter."""
    return settings.PUBLIC_URL + reverse("channels:youtube_back")


def places() -> Places:
    return Places.at(settings.GOOGLE_OAUTH_BASE)


def bases() -> Bases:
    return Bases(settings.YOUTUBE_API_BASE, settings.YOUTUBE_UPLOAD_BASE)


def _keys() -> tuple[str, str] | None:
    if settings.GOOGLE_CLIENT_ID:
        return settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET
    row = GoogleProject.objects.filter(is_active=True).order_by("id").first()
    return (row.client_id, row.client_secret) if row else None


@verb
def enter(project: GoogleProject) -> GoogleProject:
    """By an operator. Raises Refused."""
    rows.refuse_invalid(project)
    project.save()
    return project


@verb
def change(project: GoogleProject, wanted: Mapping[str, Any]) -> None:
    """By an operator; an empty secret leaves the one that is there. Raises Refused."""
    row = GoogleProject.objects.select_for_update().get(pk=project.pk)
    for name, value in wanted.items():
        if name != "client_secret" or value:
            setattr(row, name, value)
    rows.refuse_invalid(row)
    row.save()
