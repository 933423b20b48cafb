"""Pixabay: photos and videos by search. Its errors are plain text."""

from typing import Any

from tests.doubles.ai import dice, files
from tests.doubles.ai.pexels import PEOPLE
from tests.doubles.ai.state import State
from tests.doubles.ai.talk import Answer, Asked, Route, Trouble, Vendor, told

NAME = "pixabay"
REQUESTS_A_MINUTE = 100
TOTAL, FOUND = 4_692, 500
PROBLEMS = {
    "wrong_key": (400, "Invalid or missing API key (https://pixabay.com/api/docs/)."),
    "no_credit": (429, "API rate limit exceeded"),
    "unknown_model": (404, "Not found."),
    "not_found": (404, "Not found."),
    "bad_request": (400, "Bad request."),
    "too_long": (400, '"q" is too long.'),
    "refused": (403, "Forbidden."),
    "rate_limit": (429, "API rate limit exceeded"),
    "server_error": (500, "Internal server error."),
    "unavailable": (503, "Service unavailable."),
    "overloaded": (503, "Service unavailable."),
}
PHOTO = {"horizontal": (1920, 1280), "vertical": (1280, 1920)}
CLIPS = {"large": (1920, 1080), "medium": (1280, 720), "small": (960, 540), "tiny": (640, 360)}


def problem(trouble: Trouble, _asked: Asked) -> Answer:
    status, message = PROBLEMS[trouble.kind]
    status = trouble.status or status
    waits = {"retry-after": f"{trouble.retry_after_s:g}"} if trouble.retry_after_s else {}
    return Answer(
        f"[ERROR {status}] {trouble.message or message}".encode(),
        kind="text/html; charset=utf-8",
        status=status,
        headers=waits,
        is_served=False,
    )


def key(asked: Asked) -> str:
    return asked.query.get("key", "")


def manners(asked: Asked, state: State) -> dict[str, str]:
    left, ends_s = state.left_of_minute(NAME, key(asked), REQUESTS_A_MINUTE)
    return {
        "X-RateLimit-Limit": str(REQUESTS_A_MINUTE),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": str(ends_s),
    }


def photos(asked: Asked, state: State) -> Answer:
    return _listed(asked, state, _photo)


def videos(asked: Asked, state: State) -> Answer:
    return _listed(asked, state, _video)


def _listed(asked: Asked, state: State, shown: Any) -> Answer:
    words = asked.query.get("q", "")
    if len(words) > 100:
        raise Trouble("too_long")
    try:
        page, size = int(asked.query.get("page", 1)), int(asked.query.get("per_page", 20))
    except ValueError:
        raise Trouble("bad_request", '"page" is out of valid range.') from None
    if not 3 <= size <= 200:
        raise Trouble("bad_request", '"per_page" is out of valid range.')
    if page < 1 or (page - 1) * size >= FOUND:
        raise Trouble("bad_request", '"page" is out of valid range.')
    found = 0 if asked.is_to("empty") else FOUND
    hits = [
        shown(asked, state, words, place)
        for place in range(min(found, (page - 1) * size), min(found, page * size))
    ]
    return told({"total": found and TOTAL, "totalHits": found, "hits": hits})


def _common(asked: Asked, state: State, words: str, place: int) -> tuple[str, dict[str, Any]]:
    name = dice.token(16, NAME, state.seed, asked.path, words.lower(), place)
    number = 1_000_000 + dice.number("id", name) % 8_000_000
    person = dice.one_of(PEOPLE, name).replace(" ", "")
    return name, {
        "id": number,
        "tags": ", ".join(words.lower().split()) or "nature",
        "views": 1000 + number % 90_000,
        "downloads": number % 40_000,
        "likes": number % 900,
        "comments": number % 60,
        "user_id": dice.number("person", person) % 1_000_000,
        "user": person,
        "userImageURL": "",
        "isAiGenerated": False,
        "isLowQuality": False,
    }


def _photo(asked: Asked, state: State, words: str, place: int) -> dict[str, Any]:
    name, told_of_all = _common(asked, state, words, place)
    shape = asked.query.get("orientation", "all")
    width, height = PHOTO.get(shape, PHOTO["horizontal"])
    web, large = 640 / max(width, height), 1280 / max(width, height)
    web_size = (round(width * web), round(height * web))
    return {
        **told_of_all,
        "pageURL": f"https://pixabay.com/photos/{told_of_all['id']}/",
        "type": "photo",
        "previewURL": files.link(asked, name, (150, round(150 * height / width)), "jpg"),
        "previewWidth": 150,
        "previewHeight": round(150 * height / width),
        "webformatURL": files.link(asked, name, web_size, "jpg"),
        "webformatWidth": web_size[0],
        "webformatHeight": web_size[1],
        "largeImageURL": files.link(
            asked, name, (round(width * large), round(height * large)), "jpg"
        ),
        "imageWidth": width,
        "imageHeight": height,
        "imageSize": width * height // 8,
    }


def _video(asked: Asked, state: State, words: str, place: int) -> dict[str, Any]:
    name, told_of_all = _common(asked, state, words, place)
    seconds = 5 + dice.number("seconds", name) % 8
    return {
        **told_of_all,
        "pageURL": f"https://pixabay.com/videos/id-{told_of_all['id']}/",
        "type": "film",
        "duration": seconds,
        "videos": {
            called: {
                "url": files.link(asked, name, size, "mp4", seconds),
                "width": size[0],
                "height": size[1],
                "size": size[0] * size[1] * seconds // 40,
                "thumbnail": files.link(asked, name, size, "jpg"),
            }
            for called, size in CLIPS.items()
        },
    }


VENDOR = Vendor(
    NAME,
    (Route("GET", r"/api/?", photos), Route("GET", r"/api/videos/?", videos)),
    key=key,
    problem=problem,
    manners=manners,
)
