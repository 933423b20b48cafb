"""One process of bench.cache: an installation with one store, measured as it is told."""

import json
import os
import re
import sys
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.core.management import call_command

VIDEOS, CHANNELS = 50, 10
PAGES = ("/", "/videos/", "/channels/")
CALLS, ROUNDS = 400, 9
COMPUTED_IN_S = 0.3
# session, person, membership: who asks is looked up each time
WHO_ASKS = re.compile(r'FROM "(django_session|teams_user)"|"teams_user"\."is_active"')


def set_up(store: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    settings = import_module("django.conf").settings
    settings.ALLOWED_HOSTS = ["testserver"]
    if store == "table":  # on SQLite, too, where files serve
        stores = import_module("config.kit.cache_stores")
        there = stores.caches("", Path(), prefix="bench", is_one_machine=False)
        settings.CACHES = {**settings.CACHES, **there}


def studio() -> Any:
    """A team with videos that are done, one of them per channel published; its owner, signed in."""
    call_command("migrate", verbosity=0)
    found = import_module
    models, videos = found("teams.models"), found("videos.models")
    owner = models.User.objects.create_user("ana@example.org", "correct horse", name="Ana")
    team = found("teams.actions").create_team(name="Kelp", slug="kelp", email="k@example.org")
    found("teams.actions").add_member(team=team, user=owner, role=models.Role.OWNER)
    by = found("teams.access").operator(team)
    actions, ordered = found("channels_app.actions"), found("videos.actions")
    channels = [
        actions.create_channel(by=by, name=f"Kelp {n}", slug=f"kelp-{n}", brand={})
        for n in range(CHANNELS)
    ]
    for n in range(VIDEOS):
        wish = ordered.Wish(source=f"Kelp grows fast, {n}. Otters guard it.", title=f"Kelp {n}")
        ordered.create_video(by=by, channel=channels[n % CHANNELS], wish=wish)
    states = videos.VideoState
    videos.StageRun.objects.update(state="done", due_at=None)
    videos.Video.objects.update(state=states.PUBLISHED)
    videos.Video.objects.filter(pk__lte=8).update(state=states.REVIEW)
    client = found("django.test").Client()
    client.force_login(owner)
    return client


def pages() -> dict[str, Any]:
    client = studio()
    cold, hot = _asked(client, forgets=True), _asked(client)
    told = {"cold": cold, "hot": hot}
    for name in ("cold", "hot"):
        spent = []
        for _ in range(ROUNDS):
            began = time.process_time()
            _asked(client, forgets=name == "cold")
            spent.append(time.process_time() - began)
        told[f"cpu_ms_{name}"] = median(spent) * 1000
    return {**told, "hit": _hit()}


def _asked(client: Any, *, forgets: bool = False) -> dict[str, int]:
    """Queries of one look at each page, by what they are for."""
    captured = import_module("django.test.utils").CaptureQueriesContext
    connection = import_module("django.db").connection
    if forgets:
        import_module("config.kit.cache").forget_everything()
        import_module("teams.middleware").is_set_up()
    with captured(connection) as seen:
        for page in PAGES:
            if client.get(page).status_code != 200:
                raise RuntimeError(page)
    said = [one["sql"] for one in seen.captured_queries]
    who = sum(bool(WHO_ASKS.search(sql)) for sql in said)
    # pages only read: transactions, too, are the store's
    kept = sum('"kit_cache"' in sql or not sql.startswith("SELECT") for sql in said)
    return {"who_asks": who, "of_the_store": kept, "shown": len(said) - who - kept}


def _hit() -> dict[str, float]:
    """Processor time of a kept answer, beside a plain get of the same rows."""
    listing = import_module("videos.listing")
    cache = import_module("django.core.cache").cache
    team_id = import_module("teams.models").Team.objects.get(slug="kelp").pk
    search = listing.Search()
    listed = listing._kept_page(team_id, search, "1", 50)
    cache.set("bench", listed, 300)

    def kept() -> object:
        return listing._kept_page(team_id, search, "1", 50)

    def plain() -> object:
        return cache.get("bench")

    def computed() -> object:
        return listing._page(team_id, search, "1", 50)

    ways = {"kept": (kept, CALLS), "plain": (plain, CALLS), "computed": (computed, CALLS // 10)}
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (act, calls) in ways.items():
            began = time.process_time()
            for _ in range(calls):
                act()
            spent[name].append((time.process_time() - began) / calls)
    return {name: median(times) * 1e6 for name, times in spent.items()}


def misses(log: Path, threads: int) -> None:
    """Many threads that miss at once, as soon as a line comes in."""
    cache = import_module("config.kit.cache")
    team = import_module("teams.models").Team
    connections = import_module("django.db").connections

    @cache.cache_result(ttl=60, of=(team,))
    def slow(team_id: int) -> int:
        with log.open("a") as file:
            file.write("computed\n")
        time.sleep(COMPUTED_IN_S)
        return team_id

    def ask() -> None:
        slow(1)
        connections.close_all()

    waiting = [threading.Thread(target=ask) for _ in range(threads)]
    print("ready", flush=True)
    sys.stdin.readline()
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join()


def main() -> None:
    what, store = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("VAR_DIR", folder)
        set_up(store)
        if what == "pages":
            print(json.dumps(pages()))
        else:
            misses(Path(sys.argv[3]), int(sys.argv[4]))


if __name__ == "__main__":
    main()
