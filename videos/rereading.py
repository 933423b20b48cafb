"""Reading the page of a video anew: what it says by now becomes the script."""

import secrets

from config.kit.database import verb
from teams.access import Actor, team_for_edit
from videos import moves
from videos.actions import retry_stage
from videos.models import StageRun, Video
from videos.moves import WrongState
from videos.writing.sources import is_page


@verb
def read_again(*, by: Actor, video: Video) -> None:
    """Where the page still says the same, nothing else is made again."""
    team_for_edit(by, video.team_id)
    locked = moves.lock_kept(video.pk)
    if not is_page(locked.source, locked.source_kind):
        raise WrongState("The source of this video is a text, not a page of the web.")
    locked.plan["reading"] = secrets.token_hex(8)
    locked.save(update_fields=["plan"])
    run = StageRun.objects.select_related("video").get(video=locked, stage="script")
    retry_stage(by=by, run=run)
