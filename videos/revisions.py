"""Several changes of one video at once, as programs ask for them: all of them or none."""

from collections.abc import Mapping
from typing import Any

from config.kit import rows
from config.kit.database import verb
from config.kit.errors import Refused
from teams.access import Actor, team_for_edit
from videos import scripts
from videos.actions import FOR_THE_SCRIPT, ORDERED, change_order
from videos.models import Video
from videos.scene_edits import edit_details, rename

DETAILS = {"description", "tags"}


@verb
def revise_video(
    *, by: Actor, video: Video, wanted: Mapping[str, Any], version: int | None = None
) -> None:
    """`wanted` names fields of ORDERED, `title` (what it is called from now on) and DETAILS.

    Raises Stale, and what change_order, rename and edit_details raise.
    """
    team_for_edit(by, video.team_id)
    rows.refuse_stale(scripts.settled(video.pk), version)
    title = wanted.get("title", video.title)
    details = {name: value for name, value in wanted.items() if name in DETAILS}
    order = {name: value for name, value in wanted.items() if name in ORDERED - {"title"}}
    if details and not FOR_THE_SCRIPT.isdisjoint(order):
        raise Refused(
            "Another text gets another script: describe the video when that is written.",
            code="script_to_come",
        )
    if order:
        change_order(by=by, video=video, **order)
    if title != video.title:
        rename(by=by, video=video, title=title)
    if details:
        edit_details(by=by, video=video, details=details)
