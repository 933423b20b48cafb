"""docs/webhooks.md: its table names every event, and its receiver takes what we send."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from config.kit.database import verb
from teams import deliveries, events, listening, webhooks
from teams.events import News, publish
from teams.tokens import TokenRevoked
from tests.processes import until
from tests.stack import free_port

PAGE = Path(__file__).resolve().parents[2] / "docs/webhooks.md"


def all_news() -> list[type[News]]:
    left, found = [News], []
    while left:
        for news in left.pop().__subclasses__():
            left.append(news)
            if getattr(news, "kind", ""):
                found.append(news)
    ours = [news for news in found if not news.__module__.startswith("tests.")]
    return sorted(ours, key=lambda news: news.kind)


def table() -> str:
    rows = [
        f"| `{news.kind}` | {', '.join(f'`{one.name}`' for one in fields(news))} |"
        for news in all_news()
    ]
    return "\n".join(["| `type` | `data` |", "|---|---|", *rows])


def test_the_table_names_every_event_with_its_fields():
    assert table() in PAGE.read_text()


def test_every_kind_that_is_listened_to_is_told_by_somebody():
    heard = {kind for listener in events.listeners() for kind in listener.kinds}
    assert heard <= events.kinds()
    assert {listener.task for listener in events.listeners()} == {
        "teams.notices.hear",
        "teams.deliveries.hear",
        "videos.notices.hear",
        "collab.notices.hear",
        "billing.notices.hear",
        "channels_app.notices.hear",
    }


def test_the_schedule_is_the_one_that_is_kept():
    pauses = "at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h"
    assert pauses in PAGE.read_text()
    assert deliveries.PAUSES_S == (5, 300, 1800, 7200, 18000, 36000, 50400)


@pytest.mark.processes
def test_the_receiver_of_the_page_takes_what_we_send(team, by_ana, settings, tmp_path):
    settings.OUTBOUND_LOOPBACK = settings.OUTBOUND_HTTP = True
    code = re.search(r"```python\n(.+?)```", PAGE.read_text(), re.DOTALL)[1]
    port = free_port()
    hook, secret = webhooks.create(
        by=by_ana, url=f"http://127.0.0.1:{port}/", kinds=["teams.token_revoked"]
    )
    script = tmp_path / "receive.py"
    script.write_text(code)
    said = tmp_path / "said"
    with said.open("w") as out:
        run = subprocess.Popen(
            [sys.executable, "-u", str(script)],
            env={"WEBHOOK_SECRET": secret, "PORT": str(port)},
            stdout=out,
        )
    try:

        @verb
        def tell() -> None:
            publish(team, TokenRevoked(7))

        until(lambda: _answers(port), what="the receiver answers")
        tell()
        listening.work(team.pk)
        deliveries.work()
        assert hook.deliveries.get().state == "delivered"
        until(lambda: "teams.token_revoked" in said.read_text(), what="it says what it got")
    finally:
        run.terminate()
        run.wait(10)


def _answers(port: int) -> bool:
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
