"""Anthropic's messages as its own client meets them."""

import json

import anthropic
import httpx
import pytest

pytestmark = pytest.mark.processes
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "narration": {"type": "string"}},
    "required": ["title", "narration"],
    "additionalProperties": False,
}
TOOL = {"name": "write_script", "description": "Keeps it.", "input_schema": SCHEMA}
LONG = "Kelp grows half a metre a day. Otters guard it from hungry urchins. " * 100


def client(ai, key="sk-double"):
    return anthropic.Anthropic(base_url=ai.address, api_key=key, max_retries=0, timeout=20)


def write(ai, said="About 30 words on kelp.", *, key="sk-double", **more):
    more = {"model": "claude-haiku-4-5", "max_tokens": 2000, **more}
    more.setdefault("messages", [{"role": "user", "content": said}])
    return client(ai, key).messages.create(**more)


def test_a_text(ai):
    told = write(ai)
    assert told.stop_reason == "end_turn"
    assert abs(len(told.content[0].text.split()) - 30) <= 8
    assert told.usage.output_tokens == ai.log()[0]["units"]["tokens_out"]


def test_a_tool_is_called_with_what_its_schema_asks(ai):
    told = write(ai, tools=[TOOL], tool_choice={"type": "tool", "name": "write_script"})
    assert told.stop_reason == "tool_use"
    assert told.content[0].name == "write_script"
    assert set(told.content[0].input) == {"title", "narration"}


def test_a_structured_output(ai):
    form = {"format": {"type": "json_schema", "schema": SCHEMA}}
    told = write(ai, output_config=form)
    assert set(json.loads(told.content[0].text)) == {"title", "narration"}


def test_a_marked_prompt_is_written_to_the_cache_and_read_from_it(ai):
    marked = [{"type": "text", "text": LONG, "cache_control": {"type": "ephemeral"}}]
    first, second = (write(ai, system=marked).usage for _ in range(2))
    assert (first.cache_creation_input_tokens > 0, first.cache_read_input_tokens) == (True, 0)
    assert (second.cache_creation_input_tokens, second.cache_read_input_tokens > 0) == (0, True)
    first_price, second_price = (line["price_micros"] for line in ai.log())
    assert second_price < first_price


def test_an_unmarked_prompt_is_not_cached(ai):
    usages = [write(ai, system=LONG).usage for _ in range(2)]
    assert [one.cache_read_input_tokens for one in usages] == [0, 0]


def test_an_answer_ends_at_its_limit(ai):
    assert write(ai, max_tokens=5).stop_reason == "max_tokens"


def test_tokens_are_counted_for_nothing(ai):
    counted = client(ai).messages.count_tokens(
        model="claude-haiku-4-5", messages=[{"role": "user", "content": "About 30 words on kelp."}]
    )
    assert counted.input_tokens == write(ai).usage.input_tokens
    assert ai.log()[0]["price_micros"] == 0


def test_its_models_are_its_own(ai):
    assert "claude-sonnet-4-5" in [one.id for one in client(ai).models.list()]


def test_it_is_overloaded(ai):
    ai.fail("overloaded")
    with pytest.raises(anthropic.OverloadedError) as caught:
        write(ai)
    assert caught.value.status_code == 529
    assert caught.value.body["error"]["type"] == "overloaded_error"


def test_it_refuses(ai):
    ai.fail("refused")
    assert write(ai).stop_reason == "refusal"
    assert ai.bill()["price_micros"] > 0


@pytest.mark.parametrize(
    ("key", "kind", "named"),
    [
        ("sk-wrong", anthropic.AuthenticationError, "authentication_error"),
        ("sk-broke", anthropic.PaymentRequiredError, "billing_error"),
    ],
)
def test_keys_that_do_not_open(ai, key, kind, named):
    with pytest.raises(kind) as caught:
        write(ai, key=key)
    assert caught.value.body["error"]["type"] == named


def test_an_account_without_credit_as_it_was_told_before(ai):
    ai.fail("no_credit", status=400)
    with pytest.raises(anthropic.BadRequestError, match="credit balance is too low"):
        write(ai)


def test_a_model_that_does_not_exist(ai):
    with pytest.raises(anthropic.NotFoundError, match="model: claude-0"):
        write(ai, model="claude-0")


def test_the_version_has_to_be_told(ai):
    told = httpx.post(f"{ai.address}/v1/messages", headers={"x-api-key": "k"}, json={})
    assert told.status_code == 400
    assert told.json()["error"]["message"].startswith("anthropic-version")
