"""What `manage.py check --deploy` says of where files lie."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

WHERE = (
    "Set MEDIA_S3_URL, or SINGLE_HOST=1 where web and workers all run on this machine and its disk "
    "is kept."
)


@register(deploy=True)
def files_are_everywhere(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Postgres means several machines, or ones that come and go with their disks."""
    if settings.EMBEDDED or settings.MEDIA_S3 or settings.SINGLE_HOST:
        return []
    told = "Postgres is used, but files lie in a folder of each machine."
    return [Error(told, hint=WHERE, id="kit.E010")]
