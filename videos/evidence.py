"""What the words of a writer are held against after the script was made: its source."""

from dataclasses import replace

from config.kit import files
from config.kit.errors import Rejected
from videos.contracts import Script
from videos.models import RunPart, Video
from videos.stages.script import GIVEN, MATERIAL, READS_BYTES, SOURCE
from videos.writing import given_sentences, page_sources
from videos.writing.claims import Source
from videos.writing.given_sentences import Given
from videos.writing.sources import is_page


def source_of(video: Video) -> Source | None:
    """None where there is no source to hold them against: of a script that came ready. It reads
    files and text: not inside a transaction."""
    given = _given(video) if video.script else None
    if given is None or video.script is None:
        return None
    return Source(given.lines, given.language, str(video.script.content["language"]))


def _given(video: Video) -> Given | None:
    if text := _text(video, MATERIAL, GIVEN):
        return given_sentences.from_json(text)
    order = video.order()
    if is_page(order.source, order.source_kind):
        page = _text(video, SOURCE, "source.md")
        order = page_sources.ordered(replace(order, source="", source_kind="url"), page)
    if not order.source.strip() or order.source_kind == "script":
        return None
    try:
        return given_sentences.given(order, READS_BYTES)
    except Rejected:  # no sentences, so nothing that bears anything out
        return None


def _text(video: Video, part: str, name: str) -> str:
    rows = RunPart.objects.select_related("artifact").filter(run__video=video, run__stage="script")
    found = rows.filter(part=part).first()
    if found is None or name not in found.artifact.files:
        return ""
    return files.path_of(video.team_id, found.artifact.files[name]).read_text("utf-8")


def checked(script: Script, uid: str, source: Source | None) -> Script:
    """With the claims of a scene that a writer's words were taken for."""
    if source is None:
        return script
    cites = [n for one in script.claims if one.scene == uid for n in one.sentences]
    scene = next(one for one in script.scenes if one.id == uid)
    others = (one for one in script.claims if one.scene != uid)
    return replace(script, claims=(*others, *source.scene(scene, cites)))
