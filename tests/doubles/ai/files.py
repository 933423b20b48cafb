"""What the vendors' links lead to: pictures and clips, made when they are fetched."""

import re

from tests.doubles.ai import pictures
from tests.doubles.ai.state import State
from tests.doubles.ai.talk import Answer, Asked, Route, Trouble, Vendor, told

FORMS = {"png": "png", "jpg": "jpeg", "webp": "webp"}
LARGEST = 4096


def link(asked: Asked, name: str, size: tuple[int, int], ending: str, seconds: int = 0) -> str:
    length = f"-{seconds}s" if seconds else ""
    return f"{asked.address}/files/{name}-{size[0]}x{size[1]}{length}.{ending}"


def fetched(_asked: Asked, _state: State, name: str, wide: str, high: str, rest: str) -> Answer:
    size = (int(wide), int(high))
    found = re.fullmatch(r"-(\d{1,2})s\.mp4", rest)
    if not 0 < min(size) <= max(size) <= LARGEST:
        raise Trouble("not_found")
    if found:
        return Answer(pictures.clip(name, size, int(found[1])), kind="video/mp4")
    form = FORMS[rest.removeprefix(".")]
    return Answer(pictures.picture(name, size, form), kind=f"image/{form}")


def problem(trouble: Trouble, _asked: Asked) -> Answer:
    status = {"not_found": 404, "wrong_key": 403, "rate_limit": 429, "server_error": 500}
    waits = {"retry-after": f"{trouble.retry_after_s:g}"} if trouble.retry_after_s else {}
    return told(
        {"error": trouble.message or trouble.kind},
        status=trouble.status or status.get(trouble.kind, 503),
        headers=waits,
        is_served=False,
    )


VENDOR = Vendor(
    "files",
    (Route("GET", r"/files/(\w+)-(\d+)x(\d+)((?:-\d+s\.mp4)|\.png|\.jpg|\.webp)", fetched),),
    key=lambda asked: "none",
    problem=problem,
    manners=lambda asked, state: {"cache-control": "max-age=3600"},
)
