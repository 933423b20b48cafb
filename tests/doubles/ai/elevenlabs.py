"""ElevenLabs: speech with the time of each character, voices, the account, and its history."""

import base64
import math
import time
from typing import Any

from tests.doubles.ai import dice, prices, sound
from tests.doubles.ai.state import State
from tests.doubles.ai.talk import Answer, Asked, Route, Trouble, Vendor, told

NAME = "elevenlabs"
MOST = {"eleven_multilingual_v2": 10_000, "eleven_flash_v2_5": 40_000}
CREDITS = {"eleven_multilingual_v2": 1.0, "eleven_flash_v2_5": 0.5}  # for a character
LIMIT = 500_000  # credits of a month
CONCURRENT = 10
VOICES = {
    "21m00Tcm4TlvDq8ikWAM": ("Rachel", "premade", {"accent": "american", "gender": "female"}),
    "JBFqnCBsd6RMkjVDRZzb": ("George", "premade", {"accent": "british", "gender": "male"}),
    "TX3LPaxmHKxFdv7VOQHJ": ("Liam", "premade", {"accent": "american", "gender": "male"}),
    "hWx0rnBanaKelpVoice1": ("Ana (own)", "cloned", {"gender": "female"}),
    "pRoFessi0nalKelpVce2": ("House voice", "professional", {"gender": "male"}),
    "gEnerated0KelpVoice3": ("Old sailor", "generated", {"gender": "male"}),
}
PROBLEMS = {
    "wrong_key": (401, "authentication_error", "invalid_api_key", "Invalid API key"),
    "no_credit": (
        401,
        "payment_required",
        "quota_exceeded",
        "This request exceeds your quota. You have 0 credits remaining.",
    ),
    "unknown_model": (
        400,
        "not_found",
        "model_not_found",
        "A model with the given ID does not exist.",
    ),
    "not_found": (404, "not_found", "not_found", "Not found."),
    "bad_request": (422, "validation_error", "invalid_parameters", "Invalid request."),
    "too_long": (
        400,
        "validation_error",
        "max_character_limit_exceeded",
        "This request's text exceeds the character limit of the model.",
    ),
    "refused": (
        400,
        "validation_error",
        "content_against_policy",
        "The text that is to be spoken is against our Terms of Service and has been blocked.",
    ),
    "rate_limit": (
        429,
        "rate_limit_error",
        "too_many_concurrent_requests",
        "Too many concurrent requests. Your current subscription is associated with a maximum of "
        f"{CONCURRENT} concurrent requests.",
    ),
    "server_error": (500, "internal_error", "internal_server_error", "An error occurred."),
    "unavailable": (503, "service_unavailable", "service_unavailable", "Service unavailable."),
    "overloaded": (
        429,
        "rate_limit_error",
        "system_busy",
        "We are experiencing heavy traffic. Please try again.",
    ),
}


def problem(trouble: Trouble, asked: Asked) -> Answer:
    status, kind, code, message = PROBLEMS[trouble.kind]
    detail: dict[str, Any] = {"type": kind, "code": code, "status": code}
    detail |= {"message": trouble.message or message, "request_id": _request(asked)}
    if trouble.param:
        detail["param"] = trouble.param
    waits = {"retry-after": f"{trouble.retry_after_s:g}"} if trouble.retry_after_s else {}
    return told({"detail": detail}, status=trouble.status or status, headers=waits, is_served=False)


def _request(asked: Asked) -> str:
    return dice.token(20, NAME, asked.id)


def key(asked: Asked) -> str:
    return asked.headers.get("xi-api-key", "")


def manners(asked: Asked, _state: State) -> dict[str, str]:
    return {"request-id": _request(asked), "maximum-concurrent-requests": str(CONCURRENT)}


def timed(asked: Asked, state: State, voice: str) -> Answer:
    said, raw, heads, bill = _speech(asked, state, voice)
    text = _text(asked)
    alignment = {
        "characters": list(text),
        "character_start_times_seconds": said.starts,
        "character_end_times_seconds": said.ends,
    }
    content = {
        "audio_base64": base64.b64encode(raw).decode(),
        "alignment": alignment,
        "normalized_alignment": alignment,
    }
    return told(content, headers=heads, **bill)


def plain(asked: Asked, state: State, voice: str) -> Answer:
    _, raw, heads, bill = _speech(asked, state, voice)
    return Answer(raw, kind=_kind(asked), headers=heads, **bill)


def _text(asked: Asked) -> str:
    return " ".join([str(asked.body.get("text", ""))] * asked.times)


def _kind(asked: Asked) -> str:
    return f"audio/{sound.KINDS[_form(asked)[0]]}"


def _form(asked: Asked) -> tuple[str, int]:
    """Codec and samples a second."""
    told_as = asked.query.get("output_format", "mp3_44100_128")
    codec, _, rest = told_as.partition("_")
    rate = rest.split("_")[0]
    if codec not in ("mp3", "pcm", "wav", "opus") or not rate.isdecimal():
        raise Trouble("bad_request", f"output_format: '{told_as}' is not known", "output_format")
    return codec, int(rate)


def _speech(
    asked: Asked, state: State, voice: str
) -> tuple[sound.Speech, bytes, dict[str, str], dict[str, Any]]:
    """The sound, encoded; headers; and what is billed."""
    model = asked.body.get("model_id", "eleven_multilingual_v2")
    if model not in prices.models(NAME):
        raise Trouble("unknown_model", f"A model with model ID {model} does not exist.", "model_id")
    if voice not in VOICES:
        raise Trouble(
            "not_found", f"A voice with the voice_id {voice} was not found.", "voice_id", status=404
        )
    text = _text(asked)
    if not text.strip():
        raise Trouble("bad_request", "text: String should have at least 1 character", "text")
    if len(text) > MOST[model]:
        said = f"This request's text has {len(text)} characters and exceeds the character limit of "
        raise Trouble("too_long", f"{said}{MOST[model]} characters.")
    if asked.is_to("refused"):
        raise Trouble("refused")
    codec, rate = _form(asked)
    speed = float((asked.body.get("voice_settings") or {}).get("speed", 1))
    spoken = sound.speech(text, voice, speed, str(asked.body.get("language_code") or ""), rate)
    cost = state.strayed(math.ceil(len(text) * CREDITS[model]), text)
    raw = b"" if asked.is_to("empty") else sound.encoded(spoken, codec)
    item = _remembered(asked, state, voice, model, text, cost)
    state.sounds[item] = raw
    heads = {"character-cost": str(cost), "x-character-count": str(cost), "history-item-id": item}
    return spoken, raw, heads, {"model": model, "units": {"characters": cost}}


def _remembered(asked: Asked, state: State, voice: str, model: str, text: str, cost: int) -> str:
    name, category, _ = VOICES[voice]
    with state.turn:
        before = state.history[0]["character_count_change_to"] if state.history else 0
        item = {
            "history_item_id": dice.token(20, "history", state.seed, asked.id),
            "request_id": _request(asked),
            "voice_id": voice,
            "model_id": model,
            "voice_name": name,
            "voice_category": category,
            "text": text,
            "date_unix": int(time.time()),
            "character_count_change_from": before,
            "character_count_change_to": before + cost,
            "content_type": _kind(asked),
            "state": "created",
            "settings": asked.body.get("voice_settings") or {},
            "source": "TTS",
        }
        state.history.insert(0, item)
    return str(item["history_item_id"])


def history(asked: Asked, state: State) -> Answer:
    size = min(int(asked.query.get("page_size", 100)), 1000)
    after = asked.query.get("start_after_history_item_id")
    voice = asked.query.get("voice_id")
    with state.turn:
        kept = [one for one in state.history if voice in (None, one["voice_id"])]
    ids = [one["history_item_id"] for one in kept]
    begin = ids.index(after) + 1 if after in ids else 0
    page = kept[begin : begin + size]
    return told(
        {
            "history": page,
            "has_more": begin + size < len(kept),
            "last_history_item_id": page[-1]["history_item_id"] if page else None,
        }
    )


def _item(state: State, name: str) -> dict[str, Any]:
    with state.turn:
        found = [one for one in state.history if one["history_item_id"] == name]
    if not found:
        raise Trouble("not_found", "A history item with the given ID was not found.")
    return found[0]


def past(_asked: Asked, state: State, name: str) -> Answer:
    return told(_item(state, name))


def past_audio(_asked: Asked, state: State, name: str) -> Answer:
    item = _item(state, name)
    return Answer(state.sounds[name], kind=item["content_type"])


def voices(_asked: Asked, _state: State) -> Answer:
    return told({"voices": [_voice(one) for one in VOICES], "has_more": False})


def voice(_asked: Asked, _state: State, name: str) -> Answer:
    if name not in VOICES:
        raise Trouble("not_found", f"A voice with the voice_id {name} was not found.")
    return told(_voice(name))


def _voice(name: str) -> dict[str, Any]:
    called, category, labels = VOICES[name]
    return {
        "voice_id": name,
        "name": called,
        "category": category,
        "is_owner": category != "premade",
        "labels": labels,
        "description": f"{called} is a voice of the stand-in.",
        "preview_url": None,
        "fine_tuning": {"is_allowed_to_fine_tune": category == "professional", "state": {}},
        "voice_verification": {"requires_verification": category == "professional"},
        "settings": None,
        "high_quality_base_model_ids": ["eleven_multilingual_v2"],
        "verified_languages": [],
    }


def subscription(_asked: Asked, state: State) -> Answer:
    with state.turn:
        used = state.history[0]["character_count_change_to"] if state.history else 0
    return told(
        {
            "tier": "creator",
            "character_count": used,
            "character_limit": LIMIT,
            "can_extend_character_limit": False,
            "allowed_to_extend_character_limit": False,
            "next_character_count_reset_unix": int(time.time()) + 14 * 86_400,
            "voice_slots_used": 3,
            "voice_limit": 30,
            "professional_voice_slots_used": 1,
            "professional_voice_limit": 1,
            "can_use_instant_voice_cloning": True,
            "can_use_professional_voice_cloning": True,
            "currency": "usd",
            "status": "active",
            "billing_period": "monthly_period",
        }
    )


def models(_asked: Asked, _state: State) -> Answer:
    return told(
        [
            {
                "model_id": name,
                "name": name,
                "can_do_text_to_speech": True,
                "maximum_text_length_per_request": MOST[name],
                "model_rates": {"character_cost_multiplier": CREDITS[name]},
            }
            for name in prices.models(NAME)
        ]
    )


VENDOR = Vendor(
    NAME,
    (
        Route("POST", r"/v1/text-to-speech/(\w+)/with-timestamps", timed, costs=True),
        Route("POST", r"/v1/text-to-speech/(\w+)", plain, costs=True),
        Route("GET", r"/v1/voices", voices),
        Route("GET", r"/v1/voices/(\w+)", voice),
        Route("GET", r"/v1/user/subscription", subscription),
        Route("GET", r"/v1/history", history),
        Route("GET", r"/v1/history/(\w+)", past),
        Route("GET", r"/v1/history/(\w+)/audio", past_audio),
        Route("GET", r"/v1/models", models, needs="xi-api-key"),
    ),
    key=key,
    problem=problem,
    manners=manners,
)
