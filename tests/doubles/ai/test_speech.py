"""Speech of OpenAI and of ElevenLabs: real sound, as long as its text."""

import base64
import json
import subprocess

import httpx
import numpy as np
import openai
import pytest

pytestmark = [pytest.mark.processes, pytest.mark.media]
TEXT = "Kelp grows half a metre a day. Otters guard it from hungry urchins!"
RACHEL = "21m00Tcm4TlvDq8ikWAM"


def say(ai, text=TEXT, *, key="sk-double", **more):
    client = openai.OpenAI(base_url=f"{ai.address}/v1", api_key=key, max_retries=0)
    asked = {"model": "tts-1", "voice": "alloy", "response_format": "wav", **more}
    return client.audio.speech.create(input=text, **asked).read()


def speak(ai, text=TEXT, *, voice=RACHEL, key="double", timed=True, form="mp3_44100_128", **more):
    place = f"{ai.address}/v1/text-to-speech/{voice}{'/with-timestamps' if timed else ''}"
    content = {"text": text, "model_id": "eleven_multilingual_v2", **more}
    heads = {"xi-api-key": key}
    return httpx.post(place, json=content, headers=heads, params={"output_format": form})


def elevenlabs(ai, place, **query):
    heads = {"xi-api-key": "double"}
    return httpx.get(f"{ai.address}/v1/{place}", headers=heads, params=query)


def codec_of(raw):
    words = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-"]
    told = json.loads(subprocess.run(words, input=raw, capture_output=True, check=True).stdout)
    return told["streams"][0]["codec_name"]


def samples(raw):
    words = ["ffmpeg", "-v", "error", "-i", "-", "-ac", "1", "-ar", "24000", "-f", "s16le", "-"]
    done = subprocess.run(words, input=raw, capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.int16)


def test_it_sounds_for_as_long_as_the_text_takes(ai):
    short, long = samples(say(ai)), samples(say(ai, f"{TEXT} {TEXT} {TEXT}"))
    assert 3 < len(short) / 24_000 < 9
    assert 2.5 < len(long) / len(short) < 3.5
    assert np.abs(short).max() > 3_000


@pytest.mark.parametrize(
    ("form", "codec"),
    [("wav", "pcm_s16le"), ("mp3", "mp3"), ("opus", "opus"), ("aac", "aac"), ("flac", "flac")],
)
def test_forms(ai, form, codec):
    assert codec_of(say(ai, response_format=form)) == codec


def test_pcm_is_bare(ai):
    assert 3 < len(say(ai, response_format="pcm")) / 2 / 24_000 < 9


def test_the_same_text_sounds_the_same_and_voices_differ(ai):
    assert say(ai) == say(ai)
    assert say(ai) != say(ai, voice="onyx")


def test_characters_are_billed(ai):
    say(ai)
    assert ai.log()[0]["units"] == {"characters": len(TEXT)}
    assert ai.log()[0]["price_micros"] == 15 * len(TEXT)


def test_a_model_that_bills_seconds(ai):
    length = len(samples(say(ai, model="gpt-4o-mini-tts"))) / 24_000
    assert ai.log()[0]["units"]["seconds"] == pytest.approx(length, abs=0.01)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "a" * 4097}, "too long"),
        ({"text": " "}, "too short"),
        ({"voice": "nobody"}, "Invalid voice"),
    ],
)
def test_openai_tells_what_it_can_not_say(ai, change, said):
    with pytest.raises(openai.BadRequestError, match=said):
        say(ai, **change)


def test_every_character_has_its_time(ai):
    told = speak(ai).json()
    times = told["alignment"]
    starts, ends = times["character_start_times_seconds"], times["character_end_times_seconds"]
    assert times["characters"] == list(TEXT)
    assert all(a <= b for a, b in zip(starts, ends, strict=True))
    assert starts == sorted(starts)
    length = len(samples(base64.b64decode(told["audio_base64"]))) / 24_000
    assert length - 0.5 < ends[-1] < length + 0.1


def test_a_sentence_begins_when_it_is_told_to(ai):
    told = speak(ai, form="pcm_24000").json()
    sound = np.frombuffer(base64.b64decode(told["audio_base64"]), np.int16)
    starts = told["alignment"]["character_start_times_seconds"]
    begins = round(24_000 * starts[TEXT.index("Otters")])
    assert np.abs(sound[begins - 2_400 : begins]).max() < 500
    assert np.abs(sound[begins : begins + 7_200]).max() > 2_000


def test_elevenlabs_tells_what_it_cost_and_how_to_find_it_again(ai):
    told = speak(ai)
    assert told.headers["character-cost"] == str(len(TEXT))
    past = elevenlabs(ai, "history").json()["history"][0]
    assert past["request_id"] == told.headers["request-id"]
    assert past["text"] == TEXT
    sound = elevenlabs(ai, f"history/{past['history_item_id']}/audio")
    assert sound.content == base64.b64decode(told.json()["audio_base64"])


def test_a_cheaper_model_costs_half(ai):
    assert speak(ai, model_id="eleven_flash_v2_5").headers["character-cost"] == "34"


def test_plain_speech_is_sound_alone(ai):
    told = speak(ai, timed=False)
    assert told.headers["content-type"] == "audio/mpeg"
    assert codec_of(told.content) == "mp3"


def test_voices_say_whose_they_are(ai):
    voices = elevenlabs(ai, "voices").json()["voices"]
    assert {one["category"] for one in voices} == {"premade", "cloned", "professional", "generated"}
    assert [one["name"] for one in voices if one["is_owner"]]
    assert elevenlabs(ai, f"voices/{RACHEL}").json()["name"] == "Rachel"


def test_the_account_counts_what_was_used(ai):
    speak(ai)
    assert elevenlabs(ai, "user/subscription").json()["character_count"] == len(TEXT)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"key": "sk-wrong"}, 401, "invalid_api_key"),
        ({"key": "sk-broke"}, 401, "quota_exceeded"),
        ({"voice": "nobody"}, 404, "not_found"),
        ({"model_id": "eleven_v0"}, 400, "model_not_found"),
        ({"text": ""}, 422, "invalid_parameters"),
        ({"text": "a" * 10_001}, 400, "max_character_limit_exceeded"),
    ],
)
def test_elevenlabs_says_why_not(ai, change, status, code):
    told = speak(ai, **change)
    assert (told.status_code, told.json()["detail"]["code"]) == (status, code)
    assert ai.bill()["price_micros"] == 0
