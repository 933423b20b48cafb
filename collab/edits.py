"""What the words of a room would make again, if they were produced now."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from billing.costs import Expected
from collab.writing import written
from config.kit.errors import Refused
from videos import estimates, remaking, scripts
from videos.contracts import SceneText
from videos.models import Video


def remade(document_id: int, scenes: Sequence[SceneText]) -> Mapping[str, Any]:
    """`scenes`: ids of those of which something is made again. `parts`: how many of each stage.
    `kept`: how many parts stand. `fault`: why these words are no script yet. `price`: what making
    them costs, None where some of it has no price."""
    video = Video.objects.select_related("script").get(document=document_id)
    try:
        script = scripts.read_scenes(video, written(scenes))
    except Refused as fault:
        return {"scenes": [], "parts": {}, "kept": 0, "fault": fault.message, "price": None}
    found = remaking.remade(video, script)
    parts = {stage: len(its) for stage, its in found.parts.items()}
    told = {"scenes": list(found.scenes), "parts": parts, "kept": found.kept, "fault": ""}
    return {**told, "price": _price(estimates.of_edit(video, script, found))}


def _price(expected: Expected) -> Mapping[str, Any] | None:
    """Empty text where nothing is bought."""
    told = "" if expected.is_free else expected.told
    more = {"currency": expected.currency, "told": told}
    return None if expected.unknown else {**asdict(expected.cost), **more}
