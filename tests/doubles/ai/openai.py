"""OpenAI: chat, models, speech and images, as its official client speaks with them."""

import base64
import time
from typing import Any

from tests.doubles.ai import chat, dice, files, pictures, prices, sound
from tests.doubles.ai.state import State, tokens
from tests.doubles.ai.strict import check_strict
from tests.doubles.ai.talk import Answer, Asked, Route, Trouble, Vendor, told

NAME = "openai"
CREATED = 1_770_000_000
REQUESTS_A_MINUTE, TOKENS_A_MINUTE = 10_000, 2_000_000
WINDOWS = {"gpt-4.1": 1_047_576, "gpt-4.1-mini": 1_047_576, "gpt-5-mini": 400_000}
WINDOW = 128_000
VOICES = {"alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer"}
VOICES |= {"verse", "marin", "cedar"}
MOST_OUT = {"gpt-4.1": 32_768, "gpt-4.1-mini": 32_768, "gpt-4o-mini": 16_384}
SPEECH_MOST = 4096  # characters
SIZES = {
    "gpt-image-1": ("1024x1024", "1536x1024", "1024x1536"),
    "dall-e-3": ("1024x1024", "1792x1024", "1024x1792"),
}
IMAGE_TOKENS = {"low": (272, 408), "medium": (1056, 1584), "high": (4160, 6240)}  # square, oblong
PROBLEMS: dict[str, tuple[int, str, str | None, str]] = {
    "wrong_key": (
        401, "invalid_request_error", "invalid_api_key",
        "Incorrect API key provided. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
    ),
    "no_credit": (
        429, "insufficient_quota", "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details. For more "
        "information on this error, read the docs: "
        "https://platform.openai.com/docs/guides/error-codes/api-errors.",
    ),
    "unknown_model": (
        404, "invalid_request_error", "model_not_found",
        "The model does not exist or you do not have access to it.",
    ),
    "bad_request": (400, "invalid_request_error", None, "Invalid request."),
    "not_found": (404, "invalid_request_error", None, "Not found."),
    "too_long": (
        400, "invalid_request_error", "context_length_exceeded",
        "Your input exceeds the context window of this model. Please adjust your input and try "
        "again.",
    ),
    "refused": (
        400, "image_generation_user_error", "moderation_blocked",
        "Your request was rejected by the safety system. If you believe this is an error, contact "
        "us at help.openai.com.",
    ),
    "rate_limit": (
        429, "requests", "rate_limit_exceeded", "Rate limit reached. Please try again later.",
    ),
    "server_error": (
        500, "server_error", None,
        "The server had an error while processing your request. Sorry about that!",
    ),
    "unavailable": (503, "service_unavailable", None, "The engine is currently overloaded."),
    "overloaded": (503, "service_unavailable", None, "The engine is currently overloaded."),
}  # fmt: skip


def problem(trouble: Trouble, _asked: Asked) -> Answer:
    status, kind, code, message = PROBLEMS[trouble.kind]
    error = {"message": trouble.message or message, "type": kind, "param": trouble.param}
    waits = trouble.retry_after_s
    headers = {"retry-after": f"{waits:g}", "retry-after-ms": f"{waits * 1000:.0f}"}
    return told(
        {"error": {**error, "code": code}},
        status=trouble.status or status,
        headers=headers if waits else {},
        is_served=False,
    )


def manners(asked: Asked, state: State) -> dict[str, str]:
    left, ends_s = state.left_of_minute(NAME, asked.bearer, REQUESTS_A_MINUTE)
    return {
        "x-request-id": f"req_{dice.token(32, NAME, state.seed, asked.id)}",
        "openai-version": "2020-10-01",
        "openai-organization": "org-double",
        "openai-processing-ms": "1",
        "x-ratelimit-limit-requests": str(REQUESTS_A_MINUTE),
        "x-ratelimit-remaining-requests": str(left),
        "x-ratelimit-reset-requests": f"{ends_s}s",
        "x-ratelimit-limit-tokens": str(TOKENS_A_MINUTE),
        "x-ratelimit-remaining-tokens": str(TOKENS_A_MINUTE - len(asked.raw) // 4),
        "x-ratelimit-reset-tokens": f"{ends_s}s",
    }


def completion(asked: Asked, state: State) -> Answer:
    body = asked.body
    model = _model(body, "tokens_cached")
    reply = chat.reply(asked, state, _prompt(body, model), asked.bearer, WINDOWS.get(model, WINDOW))
    is_refused = reply.ended == "refused"
    choice = {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": None if is_refused else reply.text,
            "refusal": reply.text if is_refused else None,
            "annotations": [],
        },
        "logprobs": None,
        "finish_reason": "length" if reply.ended == "length" else "stop",
    }
    if asked.is_to("unfit"):
        error = {
            "message": "Failed to validate JSON. See 'failed_generation' for more details.",
            "type": "invalid_request_error",
            "code": "json_validate_failed",
            "failed_generation": reply.text[: len(reply.text) * 2 // 3],
        }
        return told({"error": error}, status=400, model=model, units=reply.units)
    return told(
        {
            "id": f"chatcmpl-{dice.token(24, state.seed, asked.id)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": model,
            "choices": [choice],
            "usage": None if asked.is_to("uncounted") else _usage(reply),
            "service_tier": "default",
            "system_fingerprint": "fp_double",
        },
        model=model,
        units=reply.units,
    )


def _usage(reply: chat.Reply) -> dict[str, Any]:
    return {
        "prompt_tokens": reply.tokens_in,
        "completion_tokens": reply.tokens_out,
        "total_tokens": reply.tokens_in + reply.tokens_out,
        "prompt_tokens_details": {"cached_tokens": reply.tokens_cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _model(body: dict[str, Any], unit: str) -> str:
    model = body.get("model")
    if not model:
        raise Trouble("bad_request", "you must provide a model parameter")
    if model not in prices.models(NAME, unit):
        raise Trouble(
            "unknown_model",
            f"The model `{model}` does not exist or you do not have access to it.",
        )
    return str(model)


def _prompt(body: dict[str, Any], model: str) -> chat.Prompt:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Trouble("bad_request", "[] is too short - 'messages'", "messages")
    if body.get("stream"):
        raise Trouble("bad_request", "This stand-in does not stream.", "stream")
    if "max_tokens" in body and model.startswith("gpt-5"):
        raise Trouble(
            "bad_request",
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
            "'max_completion_tokens' instead.",
            "max_tokens",
        )
    if "max_completion_tokens" in body and model == "plain-1":
        raise Trouble(
            "bad_request",
            "Extra inputs are not permitted: max_completion_tokens",
            "max_completion_tokens",
            status=422,
        )
    wanted = int(body.get("max_completion_tokens") or body.get("max_tokens") or 0)
    if wanted > MOST_OUT.get(model, wanted):
        raise Trouble(
            "bad_request",
            f"max_tokens is too large: {wanted}. This model supports at most {MOST_OUT[model]} "
            "completion tokens.",
            "max_tokens",
        )
    rules = [text_of(one) for one in messages if one.get("role") in ("system", "developer")]
    said = [text_of(one) for one in messages if one.get("role") not in ("system", "developer")]
    rules_text, said_text = "\n".join(rules), "\n".join(said)
    schema = _schema(body.get("response_format") or {}, model, f"{rules_text}\n{said_text}")
    return chat.Prompt(rules_text, said_text, schema, wanted)


def text_of(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def _schema(form: dict[str, Any], model: str, text: str) -> dict[str, Any] | None:
    kind = form.get("type", "text")
    if kind == "json_object":
        if "json" not in text.lower():
            raise Trouble(
                "bad_request",
                "'messages' must contain the word 'json' in some form, to use 'response_format' of "
                "type 'json_object'.",
                "messages",
            )
        plain = {"type": "object", "properties": {"title": {}, "text": {}}}
        return chat.described(text) or plain
    if kind == "json_schema":
        if model == "plain-1":
            raise Trouble(
                "bad_request",
                "Invalid parameter: 'response_format' of type 'json_schema' is not supported with "
                "this model.",
                "response_format",
            )
        named = form.get("json_schema") or {}
        if named.get("strict"):
            check_strict(named.get("schema") or {}, str(named.get("name")))
        return dict(named.get("schema") or {"type": "object"})
    return chat.described(text) if model == "plain-1" else None


def models(_asked: Asked, _state: State) -> Answer:
    listed = [
        {"id": name, "object": "model", "created": CREATED, "owned_by": "openai"}
        for name in prices.models(NAME)
    ]
    return told({"object": "list", "data": listed})


def model(asked: Asked, _state: State, name: str) -> Answer:
    if name not in prices.models(NAME):
        raise Trouble("unknown_model", f"The model '{name}' does not exist", "model")
    return told({"id": name, "object": "model", "created": CREATED, "owned_by": "openai"})


def speech(asked: Asked, state: State) -> Answer:
    body = asked.body
    named = body.get("model")
    unit = "seconds" if named in prices.models(NAME, "seconds") else "characters"
    named = _model(body, unit)
    text, voice = str(body.get("input", "")), str(body.get("voice", ""))
    form = body.get("response_format", "mp3")
    if not text.strip():
        raise Trouble("bad_request", "Invalid 'input': string is too short.", "input")
    if len(text) > SPEECH_MOST:
        said = (
            f"Invalid 'input': string too long. Expected a string with maximum length {SPEECH_MOST}"
        )
        raise Trouble("bad_request", f"{said}, but got {len(text)} instead.", "input")
    if voice not in VOICES:
        raise Trouble("bad_request", f"Invalid voice '{voice}'.", "voice")
    if form not in sound.KINDS:
        raise Trouble("bad_request", f"Invalid response_format '{form}'.", "response_format")
    if asked.is_to("refused"):
        raise Trouble("refused")
    text = " ".join([text] * asked.times)
    # what bills seconds is not told apart from the sound: that itself strays, and not its bill
    pace = 1.0 if unit == "characters" else state.stray(text)
    said_aloud = sound.speech(text, voice, float(body.get("speed", 1)) / pace)
    billed = len(text) if unit == "characters" else said_aloud.seconds
    return Answer(
        b"" if asked.is_to("empty") else sound.encoded(said_aloud, form),
        kind=f"audio/{sound.KINDS[form]}",
        model=named,
        units={unit: billed},
    )


def images(asked: Asked, state: State) -> Answer:
    body = asked.body
    named = _model({"model": "dall-e-2", **body}, "")
    if named not in SIZES:
        raise Trouble("bad_request", f"The model '{named}' does not make images.", "model")
    prompt = str(body.get("prompt", ""))
    if not prompt.strip():
        raise Trouble("bad_request", "Invalid 'prompt': string is too short.", "prompt")
    if asked.is_to("refused"):
        raise Trouble("refused")
    size = str(body.get("size") or "auto").replace("auto", SIZES[named][0])
    if size not in SIZES[named]:
        known = ", ".join(SIZES[named])
        raise Trouble("bad_request", f"Invalid size '{size}'. Supported sizes: {known}.", "size")
    made = _dall_e if named == "dall-e-3" else _gpt_image
    return made(asked, state, prompt, size)


def _pixels(size: str) -> tuple[int, int]:
    width, height = (int(one) for one in size.split("x"))
    return width, height


def _names(asked: Asked, state: State, prompt: str) -> list[str]:
    count = 0 if asked.is_to("empty") else int(asked.body.get("n") or 1)
    return [dice.token(16, state.seed, prompt, at) for at in range(count)]


def _dall_e(asked: Asked, state: State, prompt: str, size: str) -> Answer:
    listed = []
    for name in _names(asked, state, prompt):
        one = {"revised_prompt": prompt}
        if asked.body.get("response_format", "url") == "url":
            one["url"] = files.link(asked, name, _pixels(size), "png")
        else:
            one["b64_json"] = _base64(pictures.picture(name, _pixels(size), "png"))
        listed.append(one)
    content = {"created": int(time.time()), "data": listed}
    return told(content, model="dall-e-3", units={"images": max(1, len(listed))})


def _gpt_image(asked: Asked, state: State, prompt: str, size: str) -> Answer:
    body = asked.body
    form, quality = body.get("output_format", "png"), body.get("quality", "auto")
    quality = "medium" if quality not in IMAGE_TOKENS else quality
    names = _names(asked, state, prompt)
    each = IMAGE_TOKENS[quality][size != "1024x1024"]
    paid_in = state.strayed(tokens(prompt), prompt)
    out = state.strayed(each * max(1, len(names)), prompt)
    content = {
        "created": int(time.time()),
        "background": "opaque",
        "output_format": form,
        "quality": quality,
        "size": size,
        "data": [{"b64_json": _base64(pictures.picture(n, _pixels(size), form))} for n in names],
        "usage": {
            "input_tokens": paid_in,
            "output_tokens": out,
            "total_tokens": paid_in + out,
            "input_tokens_details": {"text_tokens": paid_in, "image_tokens": 0},
        },
    }
    return told(content, model="gpt-image-1", units={"tokens_in": paid_in, "tokens_out": out})


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


VENDOR = Vendor(
    NAME,
    (
        Route("POST", r"/v1/chat/completions", completion, costs=True),
        Route("POST", r"/v1/audio/speech", speech, costs=True),
        Route("POST", r"/v1/images/generations", images, costs=True),
        Route("GET", r"/v1/models", models),
        Route("GET", r"/v1/models/([\w.-]+)", model),
    ),
    key=lambda asked: asked.bearer,
    problem=problem,
    manners=manners,
)
