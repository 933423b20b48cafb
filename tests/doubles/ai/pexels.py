"""Pexels: photos and videos by search, with who took them."""

from typing import Any

from tests.doubles.ai import dice, files, pictures
from tests.doubles.ai.state import State
from tests.doubles.ai.talk import Answer, Asked, Route, Trouble, Vendor, told

NAME = "pexels"
REQUESTS_A_MONTH = 20_000
FOUND = 240  # what any search finds
MOST_A_PAGE = 80
PEOPLE = ("Ana Kelp", "Ben Otter", "Cho Tang", "Mara Reef", "Vic Shore", "Ida Swell", "Tom Fathom")
PHOTOS = {"landscape": (1920, 1280), "portrait": (1280, 1920), "square": (1600, 1600)}
CLIPS = {
    "landscape": ((1920, 1080), (1280, 720), (640, 360)),
    "portrait": ((1080, 1920), (720, 1280), (360, 640)),
    "square": ((1080, 1080), (720, 720), (360, 360)),
}
PROBLEMS = {
    "wrong_key": (401, "Unauthorized"),
    "no_credit": (429, "You have reached your monthly limit."),
    "unknown_model": (404, "Not Found"),
    "not_found": (404, "Not Found"),
    "bad_request": (400, "Bad Request"),
    "too_long": (400, "Bad Request"),
    "refused": (403, "Forbidden"),
    "rate_limit": (429, "Too Many Requests"),
    "server_error": (500, "Internal Server Error"),
    "unavailable": (503, "Service Unavailable"),
    "overloaded": (503, "Service Unavailable"),
}


def problem(trouble: Trouble, _asked: Asked) -> Answer:
    status, message = PROBLEMS[trouble.kind]
    status = trouble.status or status
    waits = {"retry-after": f"{trouble.retry_after_s:g}"} if trouble.retry_after_s else {}
    content = {"status": status, "code": trouble.message or message}
    return told(content, status=status, headers=waits, is_served=False)


def key(asked: Asked) -> str:
    return asked.headers.get("authorization", "")


def manners(asked: Asked, state: State) -> dict[str, str]:
    left, _ = state.left_of_minute(NAME, key(asked), REQUESTS_A_MONTH)
    return {
        "X-Ratelimit-Limit": str(REQUESTS_A_MONTH),
        "X-Ratelimit-Remaining": str(left),
        "X-Ratelimit-Reset": "1798761600",
    }


def photos(asked: Asked, state: State) -> Answer:
    places, listed = _page(asked)
    listed["photos"] = [_photo(asked, state, place) for place in places]
    return told(listed)


def videos(asked: Asked, state: State) -> Answer:
    places, listed = _page(asked)
    listed["url"] = f"https://www.pexels.com/search/videos/{asked.query['query']}/"
    listed["videos"] = [_video(asked, state, place) for place in places]
    return told(listed)


def _page(asked: Asked) -> tuple[range, dict[str, Any]]:
    """The places of what stands on it, and what is told of it."""
    query = asked.query
    if not query.get("query", "").strip():
        raise Trouble("bad_request", "Missing parameter: query")
    try:
        page, size = int(query.get("page", 1)), int(query.get("per_page", 15))
    except ValueError:
        raise Trouble("bad_request", "page and per_page are numbers") from None
    size = max(1, min(size, MOST_A_PAGE))
    total = 0 if asked.is_to("empty") else FOUND
    places = range(min(total, (page - 1) * size), min(total, page * size))
    listed: dict[str, Any] = {"page": page, "per_page": size, "total_results": total}
    if page * size < total:
        listed["next_page"] = (
            f"{asked.address}{asked.path}?page={page + 1}&per_page={size}&query={query['query']}"
        )
    return places, listed


def _of(asked: Asked, state: State, place: int) -> tuple[str, int, str]:
    """Name of the file, id, and who took it."""
    name = dice.token(16, NAME, state.seed, asked.path, asked.query["query"].lower(), place)
    return name, 1_000_000 + dice.number("id", name) % 30_000_000, dice.one_of(PEOPLE, name)


def _shape(asked: Asked, known: dict[str, Any]) -> str:
    shape = asked.query.get("orientation", "landscape")
    return shape if shape in known else "landscape"


def _photo(asked: Asked, state: State, place: int) -> dict[str, Any]:
    name, number, person = _of(asked, state, place)
    width, height = PHOTOS[_shape(asked, PHOTOS)]
    sizes = {
        "original": (width, height),
        "large2x": (round(1300 * width / height), 1300),
        "large": (round(650 * width / height), 650),
        "medium": (round(350 * width / height), 350),
        "small": (round(130 * width / height), 130),
        "portrait": (800, 1200),
        "landscape": (1200, 627),
        "tiny": (280, 200),
    }
    words = asked.query["query"]
    return {
        "id": number,
        "width": width,
        "height": height,
        "url": f"https://www.pexels.com/photo/{'-'.join(words.lower().split())}-{number}/",
        "photographer": person,
        "photographer_url": f"https://www.pexels.com/@{person.lower().replace(' ', '-')}",
        "photographer_id": dice.number("person", person) % 1_000_000,
        "avg_color": pictures.average(name),
        "src": {one: files.link(asked, name, size, "jpg") for one, size in sizes.items()},
        "liked": False,
        "alt": f"A photo of {words}",
    }


def _video(asked: Asked, state: State, place: int) -> dict[str, Any]:
    name, number, person = _of(asked, state, place)
    sizes = CLIPS[_shape(asked, CLIPS)]
    seconds = 5 + dice.number("seconds", name) % 8
    return {
        "id": number,
        "width": sizes[0][0],
        "height": sizes[0][1],
        "duration": seconds,
        "full_res": None,
        "tags": [],
        "url": f"https://www.pexels.com/video/{number}/",
        "image": files.link(asked, name, sizes[1], "jpg"),
        "avg_color": None,
        "user": {
            "id": dice.number("person", person) % 1_000_000,
            "name": person,
            "url": f"https://www.pexels.com/@{person.lower().replace(' ', '-')}",
        },
        "video_files": [
            {
                "id": number * 10 + at,
                "quality": "hd" if min(size) >= 720 else "sd",
                "file_type": "video/mp4",
                "width": size[0],
                "height": size[1],
                "fps": float(pictures.FPS),
                "link": files.link(asked, name, size, "mp4", seconds),
                "size": size[0] * size[1] * seconds // 40,
            }
            for at, size in enumerate(sizes)
        ],
        "video_pictures": [
            {"id": number * 10, "nr": 0, "picture": files.link(asked, name, sizes[2], "jpg")}
        ],
    }


VENDOR = Vendor(
    NAME,
    (
        Route("GET", r"/v1/search/?", photos),
        Route("GET", r"(?:/v1)?/videos/search/?", videos),
    ),
    key=key,
    problem=problem,
    manners=manners,
)
