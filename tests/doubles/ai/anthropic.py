"""Anthropic: messages (with tools and structured outputs), counting tokens, and models."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doubles.ai import chat, dice, prices
from tests.doubles.ai.openai import text_of
from tests.doubles.ai.state import CACHED_FROM, State, tokens
from tests.doubles.ai.talk import Answer, Asked, Route, Trouble, Vendor, told

NAME = "anthropic"
WINDOW = 200_000
REQUESTS_A_MINUTE = 4_000
CREATED = "2025-09-29T00:00:00Z"
PROBLEMS = {
    "wrong_key": (401, "authentication_error", "invalid x-api-key"),
    "no_credit": (
        402,
        "billing_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing "
        "to upgrade or purchase credits.",
    ),
    "unknown_model": (404, "not_found_error", "model"),
    "not_found": (404, "not_found_error", "Not found"),
    "bad_request": (400, "invalid_request_error", "Invalid request"),
    "too_long": (400, "invalid_request_error", "prompt is too long"),
    "refused": (400, "invalid_request_error", "Output blocked by content filtering policy"),
    "rate_limit": (
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit.",
    ),
    "server_error": (500, "api_error", "Internal server error"),
    "unavailable": (503, "api_error", "Service unavailable"),
    "overloaded": (529, "overloaded_error", "Overloaded"),
}


def problem(trouble: Trouble, asked: Asked) -> Answer:
    status, kind, message = PROBLEMS[trouble.kind]
    status = trouble.status or status
    if status == 400:  # an account without credit is told so in both ways
        kind = "invalid_request_error"
    waits = {"retry-after": f"{trouble.retry_after_s:g}"} if trouble.retry_after_s else {}
    error = {"type": kind, "message": trouble.message or message}
    return told(
        {"type": "error", "error": error, "request_id": _request(asked)},
        status=status,
        headers=waits,
        is_served=False,
    )


def _request(asked: Asked) -> str:
    return f"req_{dice.token(24, NAME, asked.id)}"


def key(asked: Asked) -> str:
    return asked.headers.get("x-api-key", "") or asked.bearer


def manners(asked: Asked, state: State) -> dict[str, str]:
    left, ends_s = state.left_of_minute(NAME, key(asked), REQUESTS_A_MINUTE)
    ends = datetime.now(UTC) + timedelta(seconds=ends_s)
    return {
        "request-id": _request(asked),
        "anthropic-organization-id": "org-double",
        "anthropic-ratelimit-requests-limit": str(REQUESTS_A_MINUTE),
        "anthropic-ratelimit-requests-remaining": str(left),
        "anthropic-ratelimit-requests-reset": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def message(asked: Asked, state: State) -> Answer:
    body = _checked(asked)
    if "max_tokens" not in body:
        raise Trouble("bad_request", "max_tokens: Field required")
    tool = _tool(body)
    schema = tool["input_schema"] if tool else _format(body)
    most = int(body["max_tokens"])
    prompt = chat.Prompt(_rules(body), _said(body), schema, most, is_cached=_caches(body))
    reply = chat.reply(asked, state, prompt, key(asked), WINDOW)
    content, ended = _content(asked, state, reply, tool)
    is_new = prompt.is_cached and not reply.tokens_cached and reply.tokens_in >= CACHED_FROM
    written = reply.tokens_in // 2 if is_new else 0
    paid_in = reply.tokens_in - reply.tokens_cached - written
    usage = {
        "input_tokens": paid_in,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": reply.tokens_cached,
        "cache_creation": {
            "ephemeral_5m_input_tokens": written,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": reply.tokens_out,
        "service_tier": "standard",
    }
    return told(
        {
            "id": f"msg_{dice.token(24, state.seed, asked.id)}",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": content,
            "stop_reason": ended,
            "stop_sequence": None,
            "usage": {} if asked.is_to("uncounted") else usage,
        },
        model=body["model"],
        units={**reply.units, "tokens_in": paid_in, "tokens_written": written},
    )


def _checked(asked: Asked) -> dict[str, Any]:
    if "anthropic-version" not in asked.headers:
        raise Trouble("bad_request", "anthropic-version: header is required")
    body = asked.body
    if not body.get("messages"):
        raise Trouble("bad_request", "messages: at least one message is required")
    if body.get("stream"):
        raise Trouble("bad_request", "This stand-in does not stream.")
    if body.get("model") not in prices.models(NAME):
        raise Trouble("unknown_model", f"model: {body.get('model')}")
    return body


def _rules(body: dict[str, Any]) -> str:
    return text_of({"content": body.get("system")})


def _said(body: dict[str, Any]) -> str:
    return "\n".join(text_of(one) for one in body["messages"])


def _tool(body: dict[str, Any]) -> dict[str, Any] | None:
    """The tool that the model calls: the one that is asked for, else the first if one must be."""
    choice = body.get("tool_choice") or {"type": "auto"}
    tools = body.get("tools") or []
    if choice["type"] == "none" or not tools:
        return None
    if choice["type"] == "tool":
        named = [one for one in tools if one["name"] == choice.get("name")]
        if not named:
            raise Trouble(
                "bad_request",
                f"tool_choice.tool.name: Tool '{choice.get('name')}' not found in provided tools",
            )
        return dict(named[0])
    return dict(tools[0])


def _format(body: dict[str, Any]) -> dict[str, Any] | None:
    form = (body.get("output_config") or {}).get("format") or body.get("output_format") or {}
    return form.get("schema") if form.get("type") == "json_schema" else None


def _caches(body: dict[str, Any]) -> bool:
    """Only what is marked is cached."""
    return '"cache_control"' in json.dumps(body)


def _content(
    asked: Asked, state: State, reply: chat.Reply, tool: dict[str, Any] | None
) -> tuple[list[dict[str, Any]], str]:
    ended = {"length": "max_tokens", "refused": "refusal"}.get(reply.ended, "end_turn")
    if reply.ended == "refused" or not reply.text:
        return [], ended
    if tool is None:
        return [{"type": "text", "text": reply.text}], ended
    try:
        given = json.loads(reply.text)
    except ValueError:  # it was cut off: what came of it is no input
        given = {}
    called = {"type": "tool_use", "id": f"toolu_{dice.token(24, state.seed, asked.id)}"}
    ended = "tool_use" if ended == "end_turn" else ended
    return [{**called, "name": tool["name"], "input": given}], ended


def counted(asked: Asked, _state: State) -> Answer:
    body = _checked(asked)
    prompt = chat.Prompt(_rules(body), _said(body), (_tool(body) or {}).get("input_schema"), 0)
    return told({"input_tokens": tokens(prompt.text)})


def models(_asked: Asked, _state: State) -> Answer:
    names = prices.models(NAME)
    listed = [
        {"type": "model", "id": name, "display_name": name, "created_at": CREATED} for name in names
    ]
    return told({"data": listed, "has_more": False, "first_id": names[0], "last_id": names[-1]})


VENDOR = Vendor(
    NAME,
    (
        Route("POST", r"/v1/messages", message, costs=True),
        Route("POST", r"/v1/messages/count_tokens", counted),
        Route("GET", r"/v1/models", models, needs="anthropic-version"),
    ),
    key=key,
    problem=problem,
    manners=manners,
)
