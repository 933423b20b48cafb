"""The log that judges: what was billed is in it before anybody can know of it."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys

import httpx
import pytest

from tests.doubles.ai import prices
from tests.doubles.ai.client import stand_in
from tests.doubles.running import ROOT
from tests.processes import until

pytestmark = pytest.mark.processes
CHAT = "/v1/chat/completions"
CALL = """
import sys, httpx
content = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "About 9 words."}]}
while True:
    httpx.post(sys.argv[1], json=content, headers={"Authorization": "Bearer sk-double"})
    sys.stdout.write("got\\n")
    sys.stdout.flush()
"""


def content(said="About 40 words on kelp."):
    return {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": said}]}


def post(ai, said="About 40 words on kelp.", **heads):
    heads = {"Authorization": "Bearer sk-double", **heads}
    return httpx.post(f"{ai.address}{CHAT}", json=content(said), headers=heads)


def in_file(ai):
    return [json.loads(line) for line in ai.log_file.read_text().splitlines()]


def test_a_line_says_what_was_asked_and_what_it_cost(ai):
    usage = post(ai, **{"Idempotency-Key": "run-7"}).json()["usage"]
    line = in_file(ai)[0]
    told = {name: line[name] for name in ("vendor", "path", "model", "request_key", "account")}
    assert told == {
        "vendor": "openai",
        "path": CHAT,
        "model": "gpt-4.1-mini",
        "request_key": "run-7",
        "account": "k-double",
    }
    assert line["units"]["tokens_out"] == usage["completion_tokens"]
    paid = usage["prompt_tokens"] * 400_000 + usage["completion_tokens"] * 1_600_000
    assert line["price_micros"] == -(-paid // 1_000_000)


def test_the_file_tells_the_same_as_the_server(ai):
    for how in ("cut", "rate_limit", "malformed"):
        ai.fail(how)
        with contextlib.suppress(httpx.HTTPError):
            post(ai)
    post(ai)
    assert in_file(ai) == ai.log()
    assert [line["answered"] for line in in_file(ai)] == [False, True, True, True]


def test_the_bill_sums_the_lines(ai):
    post(ai)
    post(ai)
    httpx.get(f"{ai.address}/v1/search", params={"query": "k"}, headers={"Authorization": "k"})
    bill = ai.bill()
    assert bill["price_micros"] == sum(line["price_micros"] for line in ai.log()) > 0
    assert {name: one["requests"] for name, one in bill["vendors"].items()} == {
        "openai": 2,
        "pexels": 1,
    }


def test_what_was_asked_can_be_read(ai):
    post(ai, "Never tell this.")
    assert ai.asked(ai.log()[0]["id"]) == content("Never tell this.")


def test_prices_are_told(ai):
    assert ai.prices()["openai"]["tts-1"] == {"characters": 15_000_000}


def test_a_price_is_rounded_up_once():
    assert prices.micros("openai", "gpt-4.1-mini", {"tokens_in": 1, "tokens_out": 1}) == 2
    assert prices.micros("openai", "gpt-4o-mini-tts", {"seconds": 1.5}) == 375


def test_a_reset_forgets_and_what_was_begun_before_is_not_noted(ai):
    ai.fail("slow", seconds=2)
    heads = {"Authorization": "Bearer sk-double"}
    with contextlib.suppress(httpx.TimeoutException):
        httpx.post(f"{ai.address}{CHAT}", json=content(), headers=heads, timeout=0.5)
    until(lambda: ai.faults()[0]["met"])
    ai.reset()
    post(ai)
    ai.fail("slow", seconds=3)
    post(ai)
    assert len(ai.log()) == len(in_file(ai)) == 2


def test_sixty_four_at_once(ai):
    ai.fail("slow", times=0, seconds=5)

    async def all_at_once():
        heads = {"Authorization": "Bearer sk-double"}
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(timeout=60, headers=heads, limits=limits) as client:
            calls = (client.post(f"{ai.address}{CHAT}", json=content(f"{n}")) for n in range(64))
            return await asyncio.gather(*calls)

    answers = asyncio.run(all_at_once())
    assert {one.status_code for one in answers} == {200}
    assert max(line["at_once"] for line in ai.log()) == 64
    assert len({line["id"] for line in in_file(ai)}) == 64
    assert all(line["answered"] for line in in_file(ai))


def test_a_client_that_is_killed_has_got_no_more_than_was_noted(ai):
    words = [sys.executable, "-c", CALL, f"{ai.address}{CHAT}"]
    caller = subprocess.Popen(words, stdout=subprocess.PIPE)
    until(lambda: len(ai.log()) >= 20, within_s=60)
    caller.send_signal(signal.SIGKILL)
    got = caller.communicate()[0].count(b"got")
    assert got <= len([line for line in in_file(ai) if line["price_micros"]]) <= got + 1


def test_nothing_is_at_other_paths(ai):
    assert httpx.get(f"{ai.address}/v2/chat").status_code == 404
    assert httpx.get(f"{ai.address}/_control/else").status_code == 404


def test_it_ends_with_who_started_it(tmp_path):
    program = (
        "import sys; from pathlib import Path; from tests.doubles.ai.client import stand_in\n"
        "with stand_in(Path(sys.argv[1])) as ai:\n"
        "    sys.stdout.write(ai.address + '\\n'); sys.stdout.flush(); sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", program, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    starter = subprocess.Popen(words, cwd=ROOT, **pipes)
    address = starter.stdout.readline().decode().strip()
    assert httpx.get(f"{address}/_control/bill").status_code == 200
    starter.kill()
    starter.communicate()

    def is_gone():
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{address}/_control/bill").status_code != 200
        return True

    until(is_gone, within_s=10)


def test_what_leads_a_studio_to_it(tmp_path):
    with stand_in(tmp_path) as ai:
        told = ai.environment()
    assert told["LLM_BASE_URL"] == f"{ai.address}/v1"
    assert told["LLM_API_KEY"] == "sk-double"
    assert all(told[name] for name in told)
