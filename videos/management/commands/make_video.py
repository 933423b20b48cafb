import json
import shutil
import signal
import subprocess
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from channels_app.actions import home_channel
from channels_app.models import Channel
from config.kit import files, jobs
from config.kit.errors import Refused
from teams.access import Actor, operator
from teams.actions import home_team
from videos import actions, assets, outputs, sources
from videos.models import RunState, StageRun, Video, VideoFormat, VideoState

MADE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
_OVER = {
    VideoState.APPROVED: MADE,
    VideoState.PUBLISHED: MADE,
    VideoState.REVIEW: MADE,
    VideoState.FAILED: FAILED,
    VideoState.BLOCKED: REFUSED,
    VideoState.PAUSED: REFUSED,
    VideoState.CANCELLED: REFUSED,
}


def _seconds(value: str) -> int:
    if not value.isdecimal() or not 5 <= int(value) <= 3600:
        raise ArgumentTypeError("write a whole number of seconds from 5 to 3600")
    return int(value)


class Command(BaseCommand):
    help = "Makes a video from a text, with the workers that run here or with its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source", nargs="?", help="a markdown, text or HTML file, or a script.json"
        )
        parser.add_argument(
            "--out", type=Path, default=Path("out"), help="the folder to copy files to"
        )
        parser.add_argument("--format", choices=VideoFormat.values, default="short")
        parser.add_argument("--seconds", type=_seconds, default=60)
        parser.add_argument("--voice", default="", help="for example piper:joe; empty: by language")
        parser.add_argument("--language", default="", help="for example en; empty: detected")
        parser.add_argument("--music", choices=["composed", "none"], default="")
        parser.add_argument("--title", default="")
        parser.add_argument(
            "--channel", default="", help="the channel's slug; empty: the first one"
        )
        parser.add_argument(
            "--publish", action="store_true", help="hand it to the channel's publisher"
        )
        parser.add_argument("--resume", type=int, metavar="ID", help="go on with a video of before")
        parser.add_argument("--json", action="store_true", help="one JSON line on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        code = self._guarded(options)
        if code:
            raise SystemExit(code)

    def _guarded(self, options: dict[str, Any]) -> int:
        try:
            by = operator(home_team())
            video = self._video(by, options)
        except Refused as refusal:
            return self._refuse(refusal, options)
        cluster = None if jobs.someone_works("ai") else _own_cluster()
        try:
            self._follow(video, quiet=options["json"])
        except KeyboardInterrupt:
            actions.pause(by=by, video=video)
            self.stderr.write(f"\nPaused. Go on with: make_video --resume {video.pk}")
            return INTERRUPTED
        finally:
            _end(cluster)
        return self._report(video, options)

    def _refuse(self, refusal: Refused, options: dict[str, Any]) -> int:
        if options["json"]:
            self.stdout.write(json.dumps({"error": refusal.message, "code": refusal.code}))
        else:
            self.stderr.write(refusal.message)
        return REFUSED

    def _video(self, by: Actor, options: dict[str, Any]) -> Video:
        if options["resume"]:
            video = Video.objects.visible_to(by).filter(pk=options["resume"]).first()
            if video is None:
                raise sources.BadSource(f"There is no video {options['resume']}.")
            if video.state not in (VideoState.QUEUED, VideoState.PRODUCING):
                actions.resume(by=by, video=video)
            return video
        if not options["source"]:
            raise sources.BadSource("Name a text file, or --resume with the number of a video.")
        source = sources.read(Path(options["source"]))
        pictures = {
            reference: assets.keep_picture(by=by, path=path).sha256
            for reference, path in source.pictures.items()
        }
        wish = actions.Wish(
            source=source.text,
            source_kind=source.kind,
            pictures=pictures,
            **{
                name: options[name]
                for name in ("title", "format", "seconds", "language", "voice", "music", "publish")
            },
        )
        return actions.create_video(by=by, channel=self._channel(by, options["channel"]), wish=wish)

    def _channel(self, by: Actor, slug: str) -> Channel:
        if not slug:
            return home_channel(by=by)
        found = Channel.objects.visible_to(by).filter(slug=slug).first()
        if found is None:
            raise sources.BadSource(f"There is no channel {slug}.")
        return found

    def _follow(self, video: Video, *, quiet: bool) -> None:
        """Shows each stage as it goes until the video stands still."""
        screen = _Screen(sys.stderr, live=sys.stderr.isatty(), quiet=quiet)
        while True:
            video.refresh_from_db()
            for run in video.runs.order_by("position"):
                screen.show(run)
            settled = video.state in _OVER
            if settled and not (video.wants_publishing and video.state == VideoState.APPROVED):
                screen.end()
                return
            time.sleep(0.3)

    def _report(self, video: Video, options: dict[str, Any]) -> int:
        code = _OVER[VideoState(video.state)]
        if video.state == VideoState.REVIEW and video.reason_code == "quality":
            code = REFUSED
        written = _copy_out(video, options["out"])
        verdict = outputs.facts(video, "quality")
        if options["json"]:
            line = {
                "video_id": video.pk,
                "state": video.state,
                "reason": video.reason,
                "title": video.title,
                "out": str(options["out"].resolve()),
                "files": written,
                "quality": verdict,
            }
            self.stdout.write(json.dumps(line, ensure_ascii=False))
            return code
        if code == MADE:
            self.stdout.write(f"\n{video.title}\n{options['out'].resolve() / 'video.mp4'}\n")
            for text in verdict.get("summary", []):
                self.stdout.write(f"  {text}")
        else:
            self.stderr.write(f"\n{video.state}: {video.reason}")
            self.stderr.write(f"The video is kept. Try again with: make_video --resume {video.pk}")
        return code


class _Screen:
    """A line per stage: rewritten in place on a terminal, written when it changes elsewhere."""

    def __init__(self, stream: Any, *, live: bool, quiet: bool) -> None:
        self._stream, self._live, self._quiet = stream, live, quiet
        self._shown: dict[str, str] = {}
        self._quarters: dict[str, int] = {}
        self._open = ""

    def show(self, run: StageRun) -> None:
        if self._quiet or (run.state == RunState.WAITING and not run.reason):
            return
        line = _line(run)
        if self._shown.get(run.stage) == line:
            return
        running = run.state == RunState.RUNNING
        if not self._live and running and not self._is_a_step(run):
            return
        self._shown[run.stage] = line
        self._write(run.stage, line, stays=not running)

    def _is_a_step(self, run: StageRun) -> bool:
        """Where lines can't be rewritten, one at each quarter is enough."""
        quarter = int(run.fraction * 4)
        is_new = self._quarters.get(run.stage) != quarter
        self._quarters[run.stage] = quarter
        return is_new

    def _write(self, stage: str, line: str, *, stays: bool) -> None:
        if not self._live:
            self._stream.write(line + "\n")
        else:
            start = "" if self._open in ("", stage) else "\n"
            self._stream.write(f"{start}\r\x1b[2K{line}" + ("\n" if stays else ""))
            self._open = "" if stays else stage
        self._stream.flush()

    def end(self) -> None:
        if self._open:
            self._stream.write("\n")


def _line(run: StageRun) -> str:
    if run.state == RunState.DONE:
        started_at, ended_at = run.started_at, run.ended_at
        took_s = (ended_at - started_at).total_seconds() if started_at and ended_at else 0
        return f"  {run.stage:<10} done in {took_s:.0f} s"
    if run.state == RunState.RUNNING:
        eta = f", about {run.eta_s} s left" if run.eta_s else ""
        bar = ("#" * round(run.fraction * 24)).ljust(24, "-")
        return f"  {run.stage:<10} [{bar}] {run.fraction:4.0%} {run.phase}{eta}"
    return f"  {run.stage:<10} {run.state} {run.reason}"


def _own_cluster() -> subprocess.Popen[bytes]:
    """The same cluster that `bin/serve` runs, for the length of this command."""
    log_path = Path(settings.VAR_DIR) / "make_video.log"
    with log_path.open("ab") as log:
        return subprocess.Popen(
            [
                sys.executable,
                str(settings.BASE_DIR / "manage.py"),
                "qscale",
                "studio",
                "--with-parent",
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _end(cluster: subprocess.Popen[bytes] | None) -> None:
    if cluster is None:
        return
    cluster.send_signal(signal.SIGTERM)
    try:
        cluster.wait(30)
    except subprocess.TimeoutExpired:
        cluster.kill()


def _copy_out(video: Video, out: Path) -> list[str]:
    """Copies what is finished; a file is whole or not there."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, sha256 in outputs.delivered(video).items():
        unfinished = out / f".{name}.part"
        shutil.copyfile(files.path_of(video.team_id, sha256), unfinished)
        unfinished.rename(out / name)
        written.append(name)
    if "video.mp4" in written:
        text = json.dumps(outputs.provenance(video), ensure_ascii=False, indent=2, sort_keys=True)
        (out / "provenance.json").write_text(text, encoding="utf-8")
        written.append("provenance.json")
    return sorted(written)
