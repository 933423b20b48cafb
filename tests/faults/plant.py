"""A whole production: four clusters on a stack of their own, and a video that must come through."""

import os
import signal
import subprocess
from pathlib import Path

import psutil

from tests.processes import Installation, until
from tests.stack import Stack

CLUSTERS = ("ai", "render", "publish", "batch")
SIZES = {
    "WORKERS_AI": "1..2",
    "WORKERS_RENDER": "1..1",
    "WORKERS_PUBLISH": "1..1",
    "WORKERS_BATCH": "1..1",
    "PGBOUNCER_POOL": "10",
    "PGBOUNCER_RESERVE": "10",
    "SINGLE_HOST": "1",
}
SETTLED_WITHIN_S = 300
ORDER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from channels_app.actions import home_channel
from teams.access import operator
from teams.actions import home_team
from videos import actions
by = operator(home_team())
text = "Kelp grows half a metre a day. Otters guard it. Divers plant new forests every spring."
wish = actions.Wish(
    source=text, title="Kelp", seconds=12, format="square", voice="fast", publish=True
)
print(actions.create_video(by=by, channel=home_channel(by=by), wish=wish).pk)
"""
REAP = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from videos import runs
runs.reap()
"""


def _words(process: psutil.Process) -> str:
    """Its command; of one that has just ended, nothing."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


class Plant:
    def __init__(self, stack: Stack, folder: Path, run_dir: Path) -> None:
        self.stack = stack
        folder.mkdir()
        url = stack.postgres.new_database()
        self.installation = Installation(folder, run_dir=run_dir, database_url=url)
        self.installation.env |= SIZES | {"REDIS_URL": stack.redis.url}
        self.clusters: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str, under: tuple[str, ...] = ()) -> None:
        for name in names or CLUSTERS:
            self.clusters[name] = self.installation.start("manage.py", "qscale", name, under=under)
        until(lambda: self.alive() >= set(names or CLUSTERS), what="every cluster beats")

    def alive(self) -> set[str]:
        asked = "SELECT cluster FROM kit_clusterbeat WHERE beat_at > now() - interval '20 s'"
        return {row[0] for row in self.installation.ask(asked)}

    def order(self) -> int:
        through = self.installation.start("-c", ORDER, stdout=subprocess.PIPE)
        told, _ = through.communicate(timeout=120)
        assert through.returncode == 0, self.installation.log()
        return int(told)

    def reap(self) -> subprocess.Popen[bytes]:
        return self.installation.start("-c", REAP)

    def state(self, video: int) -> str:
        return self.installation.ask("SELECT state FROM videos_video WHERE id = ?", video)[0][0]

    def runs(self, stage: str) -> bool:
        """Whether a worker is at this stage and has begun to make something."""
        asked = "SELECT 1 FROM videos_stagerun WHERE stage = ? AND state = 'running'"
        return bool(self.installation.ask(asked + " AND fraction > 0", stage))

    def members(self, cluster: str) -> list[psutil.Process]:
        """The processes of a cluster, first its main one."""
        below = psutil.Process(self.clusters[cluster].pid).children(recursive=True)
        return [one for one in below if "qscale" in _words(one)]

    def sentinel(self, cluster: str) -> psutil.Process:
        main = self.members(cluster)[0]
        return next(one for one in self.members(cluster) if one.ppid() == main.pid)

    def busy(self, cluster: str) -> psutil.Process:
        """The worker that has children: an encoder, a drawing."""
        sentinel = self.sentinel(cluster)
        return until(
            lambda: next((one for one in sentinel.children() if one.children()), None),
            what=f"a busy worker of {cluster}",
        )

    def poolers(self) -> list[psutil.Process]:
        found = []
        for process in self.clusters.values():
            children = psutil.Process(process.pid).children()
            found += [one for one in children if one.name() == "pgbouncer"]
        return found

    def comes_through(self, video: int) -> None:
        """Published once, each part settled once, nothing left behind."""
        until(
            lambda: self.state(video) in ("published", "failed", "blocked"),
            within_s=SETTLED_WITHIN_S,
            what=f"the video settles: {self.told(video)}",
        )
        assert self.state(video) == "published", self.told(video)
        doubled = (
            "SELECT payload->>'stage', payload->>'part', count(*) FROM teams_event "
            "WHERE kind = 'videos.part_made' AND (payload->>'video_id')::int = ? "
            "GROUP BY 1, 2 HAVING count(*) > 1"
        )
        assert self.installation.ask(doubled, video) == []
        uploads = "SELECT state FROM channels_app_upload WHERE video_id = ?"
        assert self.installation.ask(uploads, video) == [("done",)]
        published = list((self.installation.folder / "published").rglob("video.mp4"))
        assert len(published) == 1
        gaps = (
            "SELECT count(*), max(seq) FROM teams_event "
            "WHERE team_id = (SELECT team_id FROM videos_video WHERE id = ?)"
        )
        count, last = self.installation.ask(gaps, video)[0]
        assert count == last

    def told(self, video: int) -> str:
        asked = "SELECT stage, state, attempt, reason FROM videos_stagerun WHERE video_id = ?"
        return f"{self.installation.ask(asked, video)} {self.installation.log()[-1500:]}"

    def stop(self) -> None:
        for process in self.clusters.values():
            if process.poll() is None:
                for one in psutil.Process(process.pid).children(recursive=True):
                    one.kill()
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.stack.postgres.drop(self.installation.database_url)
