"""OpenAI's chat as its own client meets it."""

import json

import openai
import pytest

from tests.doubles.ai.client import stand_in

pytestmark = pytest.mark.processes
SOURCE = """
[1] Kelp grows up to half a metre a day.
[2] Sea otters eat the urchins that would graze it bare.
[3] Where otters vanish, urchins leave bare rock behind.
[4] A forest of kelp calms the waves that reach the shore.
[5] Warm water weakens it, and storms tear the weakened plants away.
[6] Divers now plant young kelp by hand along the coast.
"""
SCENE = {
    "type": "object",
    "properties": {
        "heading": {"type": "string", "maxLength": 40},
        "narration": {"type": "string"},
        "sources": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 6}},
        "look": {"type": "string", "enum": ["card", "photo"]},
        "colour": {"type": "string", "pattern": "^#[0-9a-f]{6}$"},
    },
    "required": ["heading", "narration", "sources", "look", "colour"],
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
        "scenes": {"type": "array", "items": {"$ref": "#/$defs/scene"}, "maxItems": 5},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
    "required": ["title", "tags", "scenes", "note"],
    "additionalProperties": False,
    "$defs": {"scene": SCENE},
}
FORM = {"type": "json_schema", "json_schema": {"name": "script", "strict": True, "schema": SCHEMA}}


def client(ai, key="sk-double"):
    return openai.OpenAI(base_url=f"{ai.address}/v1", api_key=key, max_retries=0, timeout=20)


def write(ai, said="", *, key="sk-double", **more):
    said = said or f"Write a script of about 60 words in 3 scenes.\n<source>{SOURCE}</source>"
    more = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": said}], **more}
    return client(ai, key).chat.completions.create(**more)


def script(ai, **more):
    return json.loads(write(ai, response_format=FORM, **more).choices[0].message.content)


def test_an_answer_satisfies_its_schema(ai):
    found = script(ai)
    assert list(found) == ["title", "tags", "scenes", "note"]
    assert len(found["tags"]) >= 2
    assert len(found["scenes"]) == 3
    for scene in found["scenes"]:
        assert set(scene) == set(SCENE["required"])
        assert len(scene["heading"]) <= 40
        assert scene["look"] in ("card", "photo")
        assert int(scene["colour"].removeprefix("#"), 16) >= 0


def test_it_tells_what_the_source_says_and_cites_it(ai):
    lines = [line.strip() for line in SOURCE.strip().splitlines()]
    for scene in script(ai)["scenes"]:
        number = scene["sources"][0]
        assert lines[number - 1].partition("] ")[2] in scene["narration"]


@pytest.mark.parametrize("words", [60, 120, 400])
def test_it_is_as_long_as_it_is_asked_to_be(ai, words):
    text = SOURCE * 8
    said = f"A script of about {words} words, at most 9 words a title.\n<source>{text}</source>"
    told = json.loads(write(ai, said, response_format=FORM).choices[0].message.content)
    count = sum(len(scene["narration"].split()) for scene in told["scenes"])
    assert abs(count - words) <= words / 10


def test_a_topic_is_enough(ai):
    told = write(ai, "Write about 50 words.\nTopic: lighthouses and their keepers")
    assert "lighthouses" in told.choices[0].message.content.lower()


def test_a_prompt_in_json(ai):
    lines = [{"n": 4, "text": "Kelp calms the waves that reach the shore."}]
    told = write(ai, json.dumps({"source": lines}), response_format=FORM)
    scene = json.loads(told.choices[0].message.content)["scenes"][0]
    assert scene["narration"].startswith("Kelp calms the waves that reach the shore.")
    assert scene["sources"] == [4]


def test_asked_otherwise_it_tells_otherwise(ai):
    source = f"<source>{SOURCE * 5}</source>"
    told = [
        write(ai, f"About 12 words, {how}. {source}") for how in ("plain", "funny", "short", "calm")
    ]
    assert len({one.choices[0].message.content for one in told}) > 1


def test_the_same_request_is_answered_the_same(ai):
    assert script(ai) == script(ai)


def test_another_seed_answers_otherwise(ai, tmp_path):
    with stand_in(tmp_path, "--seed", "7") as other:
        assert script(other) != script(ai)


def test_usage_follows_the_text(ai):
    short, long = write(ai, "About 20 words on kelp."), write(ai, "About 200 words on kelp.")
    assert long.usage.completion_tokens > 5 * short.usage.completion_tokens
    assert short.usage.total_tokens == short.usage.prompt_tokens + short.usage.completion_tokens


def test_usage_strays_by_seed_where_it_is_asked_to(ai, tmp_path):
    exact = write(ai).usage.completion_tokens
    found = set()
    for seed in ("1", "2", "3"):
        (folder := tmp_path / seed).mkdir()
        with stand_in(folder, "--seed", seed, "--vary", "0.3") as other:
            told = write(other, "About 100 words on kelp.")
            length = len(told.choices[0].message.content.encode()) / 4
            found.add(round(told.usage.completion_tokens / length, 2))
            assert other.log()[0]["units"]["tokens_out"] == told.usage.completion_tokens
    assert len(found) > 1
    assert all(0.68 <= one <= 1.32 for one in found)
    assert exact == write(ai).usage.completion_tokens


def test_the_beginning_of_a_prompt_is_cheaper_the_second_time(ai):
    long = f"About 20 words.\n<source>{SOURCE * 20}</source>"
    first, second = write(ai, long).usage, write(ai, long).usage
    assert first.prompt_tokens_details.cached_tokens == 0
    assert second.prompt_tokens_details.cached_tokens >= 1024
    assert second.prompt_tokens == first.prompt_tokens
    prices = [line["price_micros"] for line in ai.log()]
    assert prices[1] < prices[0]


def test_an_answer_ends_at_its_limit(ai):
    told = write(ai, max_completion_tokens=10)
    assert told.choices[0].finish_reason == "length"
    assert told.usage.completion_tokens <= 10


def test_what_limits_are_told(ai):
    told = client(ai).chat.completions.with_raw_response.create(
        model="gpt-4.1", messages=[{"role": "user", "content": "About 5 words."}]
    )
    assert told.headers["x-request-id"].startswith("req_")
    limit = int(told.headers["x-ratelimit-limit-requests"])
    assert int(told.headers["x-ratelimit-remaining-requests"]) == limit - 1


def test_models_are_listed(ai):
    assert "gpt-4.1-mini" in [one.id for one in client(ai).models.list()]
    assert client(ai).models.retrieve("gpt-4.1").id == "gpt-4.1"


def test_json_without_a_schema(ai):
    told = write(
        ai, f"JSON by this schema: {json.dumps(SCHEMA)}", response_format={"type": "json_object"}
    )
    assert set(json.loads(told.choices[0].message.content)) == set(SCHEMA["required"])


def test_a_model_without_structured_outputs(ai):
    with pytest.raises(openai.BadRequestError, match="not supported with this model"):
        write(ai, model="plain-1", response_format=FORM)
    told = write(ai, f"Answer by this schema: {json.dumps(SCHEMA)}", model="plain-1")
    assert set(json.loads(told.choices[0].message.content)) == set(SCHEMA["required"])


@pytest.mark.parametrize(
    ("change", "said"),
    [({"additionalProperties": True}, "additionalProperties"), ({"required": []}, "required")],
)
def test_a_strict_schema_is_closed(ai, change, said):
    form = {"name": "script", "strict": True, "schema": {**SCHEMA, **change}}
    with pytest.raises(openai.BadRequestError, match=said):
        write(ai, response_format={"type": "json_schema", "json_schema": form})


def test_a_source_that_is_too_long(ai):
    with pytest.raises(openai.BadRequestError) as caught:
        write(ai, "word " * 130_000, model="gpt-4o-mini")
    assert caught.value.code == "context_length_exceeded"
    assert ai.bill()["price_micros"] == 0


@pytest.mark.parametrize(
    ("key", "kind", "code"),
    [
        ("sk-wrong", openai.AuthenticationError, "invalid_api_key"),
        ("sk-broke", openai.RateLimitError, "insufficient_quota"),
    ],
)
def test_keys_that_do_not_open(ai, key, kind, code):
    with pytest.raises(kind) as caught:
        write(ai, key=key)
    assert caught.value.code == code
    assert ai.bill()["price_micros"] == 0


def test_a_model_that_does_not_exist(ai):
    with pytest.raises(openai.NotFoundError) as caught:
        write(ai, model="gpt-0")
    assert caught.value.code == "model_not_found"
