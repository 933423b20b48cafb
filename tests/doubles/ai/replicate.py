"""Replicate: pictures and clips as jobs with an id, which can be asked for and cancelled.

A job goes on by the clock, whether anybody asks or not, and is billed when it is made: what a
cancellation spares is given back by the request that cancels.

Official models bill what they put out: nothing of a job that fails, and all of one that had begun
when it was cancelled (the vendor says that it charges those, and not how much). Others bill the
seconds that their machine is at it, whatever comes of it. What has not begun is free.
"""

import time
from datetime import UTC, datetime
from typing import Any

from tests.doubles.ai import dice, files, prices
from tests.doubles.ai.state import State
from tests.doubles.ai.talk import Answer, Asked, Route, Trouble, Vendor, told

NAME = "replicate"
LIST_SIZE = 100
STARTS_WITHIN = 0.2  # of a job's time
LONGEST_S = 1800.0  # then the vendor ends it
MACHINE = "machine_seconds"
ENDED = ("succeeded", "failed", "canceled")
RATIOS = {"1:1": (1024, 1024), "16:9": (1344, 768), "9:16": (768, 1344), "4:3": (1152, 896)}
CLIP_SIZES = {"16:9": (832, 480), "9:16": (480, 832), "1:1": (640, 640)}
CLIP_S = 5
FLAGGED = "NSFW content detected. Try running it again, or try a different prompt. (E005)"
PROBLEMS = {
    "wrong_key": (401, "Unauthenticated", "You did not pass a valid authentication token"),
    "no_credit": (
        402,
        "Insufficient credit",
        "You have insufficient credit to run this model. Go to "
        "https://replicate.com/account/billing#billing to purchase credit.",
    ),
    "unknown_model": (404, "Not found", "The requested resource could not be found."),
    "not_found": (404, "Not found", "The requested resource could not be found."),
    "bad_request": (422, "Input validation failed", "- input: prompt is required\n"),
    "too_long": (422, "Input validation failed", "- input.prompt: is too long\n"),
    "refused": (422, "Input validation failed", FLAGGED),
    "rate_limit": (429, "Too many requests", "Request was throttled."),
    "server_error": (500, "Internal server error", "Something went wrong."),
    "unavailable": (503, "Service unavailable", "Please try again later."),
    "overloaded": (503, "Service unavailable", "Please try again later."),
}


def problem(trouble: Trouble, _asked: Asked) -> Answer:
    status, title, detail = PROBLEMS[trouble.kind]
    status = trouble.status or status
    content: dict[str, Any] = {
        "title": title,
        "detail": trouble.message or detail,
        "status": status,
    }
    waits = {}
    if trouble.retry_after_s:
        content["retry_after"] = trouble.retry_after_s
        waits = {"retry-after": f"{trouble.retry_after_s:g}"}
    return told(content, status=status, headers=waits, is_served=False)


def manners(asked: Asked, state: State) -> dict[str, str]:
    left, ends_s = state.left_of_minute(NAME, asked.bearer, 600)
    return {
        "ratelimit-limit": "600",
        "ratelimit-remaining": str(left),
        "ratelimit-reset": str(ends_s),
    }


def create(asked: Asked, state: State, owner: str = "", name: str = "") -> Answer:
    """`POST /v1/predictions` names the model as its version."""
    body = asked.body
    model = f"{owner}/{name}" if owner else str(body.get("version", "")).partition(":")[0]
    if model not in prices.models(NAME):
        raise Trouble("unknown_model")
    given = body.get("input")
    if not isinstance(given, dict) or not str(given.get("prompt", "")).strip():
        raise Trouble("bad_request")
    if "i2v" in model and not given.get("image"):
        raise Trouble("bad_request", "- input: image is required\n")
    is_official = MACHINE not in prices.RATES[NAME][model]
    if is_official != bool(owner):  # what is not official is asked for by its version
        raise Trouble("not_found")
    job = _job(asked, state, model, given)
    with state.turn:
        state.jobs[job["id"]] = job
    if asked.headers.get("prefer", "").startswith("wait"):
        _wait(job, asked.headers["prefer"])
    return told(_shown(asked, job), status=201, model=model, units=job["units"])


def _wait(job: dict[str, Any], prefer: str) -> None:
    seconds = prefer.partition("=")[2]
    until = time.time() + (float(seconds) if seconds.isdecimal() else 60)
    while time.time() < until and _status(job) not in ENDED:
        time.sleep(0.02)


def _job(asked: Asked, state: State, model: str, given: dict[str, Any]) -> dict[str, Any]:
    fails = asked.is_to("failed") or asked.is_to("refused")
    count = int(given.get("num_outputs") or 1)
    is_clip = "seconds" in prices.RATES[NAME][model]
    amount = state.strayed(1000 * (CLIP_S if is_clip else count), given["prompt"])
    lasts = min(LONGEST_S, _deadline_s(asked))
    starts = min(1.0, state.job_s * STARTS_WITHIN)
    ends_as = "canceled"
    if not asked.is_to("stuck") and state.job_s < lasts:
        lasts, ends_as = state.job_s, "failed" if fails else "succeeded"
    made: dict[str, int | float] = {"seconds": amount / 1000} if is_clip else {"images": count}
    units = {} if fails else made
    if MACHINE in prices.RATES[NAME][model]:
        units = {MACHINE: round(lasts - starts, 6)}
    return {
        "id": dice.token(26, NAME, state.seed, asked.id),
        "model": model,
        "input": given,
        "began": time.time(),
        "starts": starts,
        "lasts": lasts,
        "ends_as": ends_as,
        "error": FLAGGED if asked.is_to("refused") else "Prediction failed: CUDA out of memory.",
        "cancelled": None,
        "account": asked.bearer,
        "is_clip": is_clip,
        "count": 0 if asked.is_to("empty") else count,
        "made": made,
        "units": units,
        "name": dice.token(16, NAME, state.seed, model, sorted(given.items())),
    }


def _deadline_s(asked: Asked) -> float:
    told = asked.headers.get("cancel-after", "").removesuffix("s")
    return float(told) if told.isdecimal() else LONGEST_S


def _status(job: dict[str, Any]) -> str:
    if job["cancelled"]:
        return "canceled"
    ran = time.time() - job["began"]
    if ran >= job["lasts"]:
        return str(job["ends_as"])
    return "starting" if ran < job["starts"] else "processing"


def _output(asked: Asked, job: dict[str, Any]) -> Any:
    given = job["input"]
    ratio = given.get("aspect_ratio", "16:9" if job["is_clip"] else "1:1")
    if job["is_clip"]:
        size = CLIP_SIZES.get(ratio, CLIP_SIZES["16:9"])
        return files.link(asked, job["name"], size, "mp4", CLIP_S)
    form = {"png": "png", "jpg": "jpg"}.get(given.get("output_format", ""), "webp")
    size = RATIOS.get(ratio, RATIOS["1:1"])
    return [files.link(asked, f"{job['name']}{at}", size, form) for at in range(job["count"])]


def _shown(asked: Asked, job: dict[str, Any]) -> dict[str, Any]:
    status = _status(job)
    ends = job["cancelled"] or job["began"] + job["lasts"]
    place = f"{asked.address}/v1/predictions/{job['id']}"
    began = job["began"] + job["starts"]
    has_begun = status != "starting" and ends > began
    metrics: dict[str, Any] = {}
    if status in ENDED and has_begun:
        metrics = {"predict_time": _ran_s(job), "total_time": ends - job["began"]}
    if status == "succeeded":
        metrics |= (
            {"video_output_duration_seconds": job["made"]["seconds"]}
            if job["is_clip"]
            else {"image_count": job["made"]["images"]}
        )
    return {
        "id": job["id"],
        "model": job["model"],
        "version": "hidden",
        "input": job["input"],
        "logs": "",
        "output": _output(asked, job) if status == "succeeded" else None,
        "data_removed": False,
        "error": job["error"] if status == "failed" else None,
        "source": "api",
        "status": status,
        "created_at": _at(job["began"]),
        "started_at": _at(began) if has_begun else None,
        "completed_at": _at(ends) if status in ENDED else None,
        "urls": {"get": place, "cancel": f"{place}/cancel", "web": place},
        "metrics": metrics,
    }


def _ran_s(job: dict[str, Any]) -> float:
    """Of one that has ended."""
    lasted = job["cancelled"] - job["began"] if job["cancelled"] else job["lasts"]
    return round(max(0.0, lasted - job["starts"]), 6)


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _found(asked: Asked, state: State, name: str) -> dict[str, Any]:
    """Another account's is not found."""
    with state.turn:
        job = state.jobs.get(name)
    if job is None or job["account"] != asked.bearer:
        raise Trouble("not_found")
    return job


def one(asked: Asked, state: State, name: str) -> Answer:
    return told(_shown(asked, _found(asked, state, name)))


def listed(asked: Asked, state: State) -> Answer:
    """The newest first."""
    with state.turn:
        own = [job for job in state.jobs.values() if job["account"] == asked.bearer]
    shown = [_shown(asked, job) for job in own[::-1]]
    begin = int(asked.query.get("cursor", 0))
    after = f"{asked.address}/v1/predictions?cursor={begin + LIST_SIZE}"
    return told(
        {
            "previous": None,
            "next": after if begin + LIST_SIZE < len(shown) else None,
            "results": shown[begin : begin + LIST_SIZE],
        }
    )


def cancel(asked: Asked, state: State, name: str) -> Answer:
    """One that has ended stays as it is."""
    job = _found(asked, state, name)
    with state.turn:
        is_running = _status(job) not in ENDED
        if is_running:
            job["cancelled"] = time.time()
    spared = 0
    if is_running:
        paid = prices.micros(NAME, job["model"], job["units"])
        spared = paid - prices.micros(NAME, job["model"], _units_of_cancelled(job))
    return told(_shown(asked, job), model=job["model"], refund_micros=spared)


def _units_of_cancelled(job: dict[str, Any]) -> dict[str, int | float]:
    if MACHINE in job["units"]:
        return {MACHINE: _ran_s(job)}
    return job["units"] if _ran_s(job) else {}


def model(asked: Asked, _state: State, owner: str, name: str) -> Answer:
    if f"{owner}/{name}" not in prices.models(NAME):
        raise Trouble("not_found")
    return told({"owner": owner, "name": name, "visibility": "public", "description": ""})


VENDOR = Vendor(
    NAME,
    (
        Route("POST", r"/v1/models/([\w.-]+)/([\w.-]+)/predictions", create, costs=True),
        Route("POST", r"/v1/predictions", create, costs=True),
        Route("GET", r"/v1/predictions", listed),
        Route("GET", r"/v1/predictions/(\w+)", one),
        Route("POST", r"/v1/predictions/(\w+)/cancel", cancel),
        Route("GET", r"/v1/models/([\w.-]+)/([\w.-]+)", model),
    ),
    key=lambda asked: asked.bearer.removeprefix("Token ").strip(),
    problem=problem,
    manners=manners,
)
