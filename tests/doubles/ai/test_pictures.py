"""Pictures of OpenAI and Replicate, Replicate's clips, and footage of Pexels and Pixabay."""

import base64
import io
import json
import subprocess
import time

import httpx
import numpy as np
import openai
import pytest
from PIL import Image

from tests.processes import until

pytestmark = [pytest.mark.processes, pytest.mark.media]
TIMED = "kelp-lab/underwater-sketches"
CLIP = "wan-video/wan-2.2-t2v-fast"
PICTURE = "black-forest-labs/flux-schnell"
CALLS = {
    "pexels": ("v1/search", {"query": "kelp forest"}, "photos"),
    "pixabay": ("api/", {"q": "kelp forest"}, "hits"),
}
CLIPS = {
    "pexels": ("videos/search", {"query": "kelp forest"}, "videos"),
    "pixabay": ("api/videos/", {"q": "kelp forest"}, "hits"),
}


def draw(ai, prompt="a kelp forest", **more):
    client = openai.OpenAI(base_url=f"{ai.address}/v1", api_key="sk-double", max_retries=0)
    return client.images.generate(prompt=prompt, **{"model": "gpt-image-1", **more})


def opened(raw):
    return Image.open(io.BytesIO(raw))


def video(raw, tmp_path):
    """Width, height and seconds."""
    (path := tmp_path / "clip.mp4").write_bytes(raw)
    words = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", str(path)]
    told = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    stream = told["streams"][0]
    return stream["width"], stream["height"], float(told["format"]["duration"])


@pytest.mark.parametrize(("form", "size"), [("png", "1024x1536"), ("jpeg", "1536x1024")])
def test_gpt_image(ai, form, size):
    told = draw(ai, size=size, output_format=form, quality="low")
    picture = opened(base64.b64decode(told.data[0].b64_json))
    assert (picture.format, f"{picture.width}x{picture.height}") == (form.upper(), size)
    assert np.asarray(picture).std() > 20
    assert told.usage.total_tokens == told.usage.input_tokens + told.usage.output_tokens
    assert ai.log()[0]["units"]["tokens_out"] == told.usage.output_tokens == 408


def test_another_prompt_is_another_picture(ai):
    first, same, other = (
        draw(ai, prompt).data[0].b64_json for prompt in ("kelp", "kelp", "urchins")
    )
    assert first == same != other


def test_dall_e_gives_links(ai):
    told = draw(ai, model="dall-e-3", size="1792x1024")
    picture = opened(httpx.get(told.data[0].url).content)
    assert picture.size == (1792, 1024)
    assert ai.log()[0]["units"] == {"images": 1}


def test_a_size_that_is_not_offered(ai):
    with pytest.raises(openai.BadRequestError, match="Supported sizes"):
        draw(ai, size="512x512")


def test_what_the_safety_system_refuses(ai):
    ai.fail("refused")
    with pytest.raises(openai.BadRequestError) as caught:
        draw(ai)
    assert caught.value.code == "moderation_blocked"


def order(ai, model=PICTURE, *, key="r8-double", prefer="", **given):
    heads = {"Authorization": f"Bearer {key}", **({"Prefer": prefer} if prefer else {})}
    given = {"prompt": "a kelp forest", **given}
    place = f"{ai.address}/v1/models/{model}/predictions"
    return httpx.post(place, json={"input": given}, headers=heads)


def job(ai, number, *, key="r8-double", method="GET", rest=""):
    heads = {"Authorization": f"Bearer {key}"}
    place = f"{ai.address}/v1/predictions/{number}{rest}".rstrip("/")
    return httpx.request(method, place, headers=heads)


def ended(ai, number):
    def found():
        told = job(ai, number).json()
        return told if told["completed_at"] else None

    return until(found, within_s=20)


def test_a_job_is_asked_for_until_it_has_ended(ai):
    told = order(ai, num_outputs=2)
    assert (told.status_code, told.json()["status"]) == (201, "starting")
    done = ended(ai, told.json()["id"])
    assert done["status"] == "succeeded"
    assert done["metrics"]["image_count"] == 2
    assert [opened(httpx.get(link).content).size for link in done["output"]] == [(1024, 1024)] * 2
    assert ai.bill()["price_micros"] == 2 * 3_000


def test_who_prefers_to_wait_is_answered_when_it_has_ended(ai):
    assert order(ai, prefer="wait=5").json()["status"] == "succeeded"


def test_a_clip(ai, tmp_path):
    done = ended(ai, order(ai, CLIP, aspect_ratio="9:16").json()["id"])
    width, height, seconds = video(httpx.get(done["output"]).content, tmp_path)
    assert (width, height) == (480, 832)
    assert seconds == pytest.approx(5, abs=0.1)
    assert ai.log()[0]["units"] == {"seconds": 5}


def test_jobs_are_listed_for_who_lost_their_id(ai):
    number = order(ai).json()["id"]
    assert [one["id"] for one in job(ai, "").json()["results"]] == [number]


def test_another_account_does_not_find_it(ai):
    assert job(ai, order(ai).json()["id"], key="r8-other").status_code == 404


def begun(ai, told) -> str:
    """The job's id, once it is at it."""
    number = told.json()["id"]
    until(lambda: job(ai, number).json()["status"] == "processing", within_s=20)
    return number


def test_a_job_that_had_begun_is_paid_when_it_is_cancelled(ai):
    ai.fail("stuck")
    number = begun(ai, order(ai, CLIP))
    assert job(ai, number, method="POST", rest="/cancel").json()["status"] == "canceled"
    assert ai.bill()["price_micros"] == 5 * 12_000


def test_a_model_that_is_not_official_is_paid_by_its_time(ai):
    ai.fail("stuck")
    told = httpx.post(
        f"{ai.address}/v1/predictions",
        json={"version": f"{TIMED}:0f", "input": {"prompt": "a kelp forest"}},
        headers={"Authorization": "Bearer r8-double", "Cancel-After": "900s"},
    )
    worst = ai.bill()["price_micros"]
    assert worst == pytest.approx(900 * 1_400, rel=0.01)
    job(ai, begun(ai, told), method="POST", rest="/cancel")
    assert 0 < ai.bill()["price_micros"] < worst
    assert order(ai, TIMED).status_code == 404


def test_what_has_ended_is_not_cancelled(ai):
    number = order(ai, prefer="wait").json()["id"]
    told = job(ai, number, method="POST", rest="/cancel").json()
    assert told["status"] == "succeeded"
    assert ai.bill()["price_micros"] == 3_000


@pytest.mark.parametrize(("how", "said"), [("failed", "out of memory"), ("refused", "NSFW")])
def test_a_job_fails_and_is_not_paid(ai, how, said):
    ai.fail(how)
    done = ended(ai, order(ai).json()["id"])
    assert (done["status"], done["output"]) == ("failed", None)
    assert said in done["error"]
    assert ai.bill()["price_micros"] == 0


def test_a_stuck_job_stays_so(ai):
    ai.fail("stuck")
    number = order(ai).json()["id"]
    time.sleep(1.2)
    assert job(ai, number).json()["status"] == "processing"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"key": "sk-wrong"}, 401),
        ({"key": "sk-broke"}, 402),
        ({"model": "nobody/nothing"}, 404),
        ({"prompt": ""}, 422),
        ({"model": "wan-video/wan-2.2-i2v-fast"}, 422),
    ],
)
def test_replicate_says_why_not(ai, change, status):
    told = order(ai, **change)
    assert told.status_code == told.json()["status"] == status


def search(ai, vendor, calls=CALLS, key="double", **query):
    place, asks, name = calls[vendor]
    heads = {"Authorization": key} if vendor == "pexels" else {}
    query = {**asks, **({} if heads else {"key": key}), **query}
    told = httpx.get(f"{ai.address}/{place}", params=query, headers=heads)
    return told, told.json()[name] if told.status_code == 200 else []


def test_photos_of_pexels_are_credited_and_real(ai):
    told, photos = search(ai, "pexels", per_page=4, orientation="portrait")
    assert len(photos) == 4
    assert photos[0]["photographer"]
    assert "pexels.com/@" in photos[0]["photographer_url"]
    picture = opened(httpx.get(photos[0]["src"]["original"]).content)
    assert picture.format == "JPEG"
    assert picture.size == (photos[0]["width"], photos[0]["height"]) == (1280, 1920)
    assert int(told.headers["X-Ratelimit-Remaining"]) < int(told.headers["X-Ratelimit-Limit"])


def test_photos_of_pixabay_are_credited_and_real(ai):
    told, photos = search(ai, "pixabay", per_page=3)
    assert (len(photos), told.json()["totalHits"]) == (3, 500)
    assert photos[0]["user"]
    assert opened(httpx.get(photos[0]["largeImageURL"]).content).size == (1280, 853)
    assert "X-RateLimit-Remaining" in told.headers


def test_clips_of_pexels(ai, tmp_path):
    clip = search(ai, "pexels", CLIPS, per_page=1)[1][0]
    assert clip["user"]["name"]
    small = clip["video_files"][-1]
    width, height, seconds = video(httpx.get(small["link"]).content, tmp_path)
    assert (width, height) == (small["width"], small["height"])
    assert seconds == pytest.approx(clip["duration"], abs=0.1)


def test_clips_of_pixabay(ai, tmp_path):
    clip = search(ai, "pixabay", CLIPS, per_page=3)[1][0]
    tiny = clip["videos"]["tiny"]
    width, height, _ = video(httpx.get(tiny["url"]).content, tmp_path)
    assert (width, height) == (tiny["width"], tiny["height"])


@pytest.mark.parametrize("vendor", ["pexels", "pixabay"])
def test_pages_of_a_search_do_not_overlap(ai, vendor):
    pages = [{one["id"] for one in search(ai, vendor, page=page)[1]} for page in (1, 2)]
    assert pages[0]
    assert not pages[0] & pages[1]


@pytest.mark.parametrize("vendor", ["pexels", "pixabay"])
def test_a_search_that_finds_nothing(ai, vendor):
    ai.fail("empty", method="GET")
    told, found = search(ai, vendor)
    assert (told.status_code, found) == (200, [])


@pytest.mark.parametrize(("vendor", "status"), [("pexels", 401), ("pixabay", 400)])
def test_a_wrong_key(ai, vendor, status):
    assert search(ai, vendor, key="sk-wrong")[0].status_code == status


def test_footage_is_free(ai):
    search(ai, "pexels")
    search(ai, "pixabay")
    assert ai.bill()["price_micros"] == 0
