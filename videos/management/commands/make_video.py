"""`manage.py make_video`: a text becomes a video from a shell or a script."""

import contextlib
import io
import json
import os
import shutil
import sys
import tempfile
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from channels_app.actions import home_channel
from channels_app.models import Channel, Music
from config.kit import files
from config.kit.errors import Refused, Unavailable
from teams.access import Actor, operator
from teams.actions import home_team
from videos import actions, assets, outputs, sources
from videos.management.own_cluster import NoWorkers, OwnCluster
from videos.management.screen import Screen
from videos.models import (
    LONGEST_S,
    SHORTEST_S,
    Illustrate,
    SourceKind,
    Video,
    VideoFormat,
    VideoState,
)
from videos.moves import WrongState
from videos.writing.addresses import is_address

MADE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130
_CHANGING = ["state", "reason", "reason_code", "title", "script", "plan"]
_RESUMABLE = (VideoState.PAUSED, VideoState.CANCELLED, VideoState.FAILED, VideoState.BLOCKED)
_EXIT_CODES = {
    VideoState.APPROVED: MADE,
    VideoState.PUBLISHED: MADE,
    VideoState.REVIEW: MADE,
    VideoState.FAILED: FAILED,
    VideoState.BLOCKED: REFUSED,
    VideoState.PAUSED: REFUSED,
    VideoState.CANCELLED: REFUSED,
}


_ORDERED = (
    "title",
    "format",
    "seconds",
    "language",
    "voice",
    "music",
    "illustrate",
    "writer",
    "tone",
    "audience",
    "publish",
)


def _seconds(value: str) -> int:
    if not value.isdecimal() or not SHORTEST_S <= int(value) <= LONGEST_S:
        raise ArgumentTypeError(f"write a whole number of seconds from {SHORTEST_S} to {LONGEST_S}")
    return int(value)


class Command(BaseCommand):
    help = "Makes a video from a text, with the workers that run here or with its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source",
            nargs="?",
            help="a markdown, text or HTML file, a script.json, or the address of a page",
        )
        parser.add_argument(
            "--out", type=Path, default=Path("out"), help="the folder to copy files to"
        )
        parser.add_argument("--format", choices=VideoFormat.values)
        parser.add_argument("--seconds", type=_seconds)
        parser.add_argument("--voice", help="for example piper:joe; empty: by language")
        parser.add_argument("--language", help="for example en; empty: detected")
        parser.add_argument("--music", choices=Music.values)
        parser.add_argument(
            "--illustrate", choices=Illustrate.values, help="what stands behind statements"
        )
        parser.add_argument("--writer", help="for example openai; empty: the text's own words")
        parser.add_argument("--tone", help="for a paid writer, for example dry")
        parser.add_argument("--audience", help="for a paid writer, for example sailors")
        parser.add_argument("--title")
        parser.add_argument(
            "--channel", default="", help="the channel's slug; empty: the first one"
        )
        parser.add_argument(
            "--publish",
            action="store_true",
            default=None,
            help="hand it to the channel's publisher",
        )
        parser.add_argument(
            "--resume",
            type=int,
            metavar="ID",
            help="go on with a video of before, by what else is given here",
        )
        parser.add_argument("--json", action="store_true", help="one JSON line on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = self._guarded(options)
        except DatabaseError as error:
            advice = "Run `manage.py migrate`, and see that its disk has space"
            message = f"The database can't be used ({error}). {advice}; then try again."
            code = self._say_no(message, "database", FAILED, options)
        except OSError as error:
            message = f"{error.filename or options['out']} can't be used: {error.strerror}."
            code = self._say_no(message, "disk", FAILED, options)
        if code:
            raise SystemExit(code)

    def _guarded(self, options: dict[str, Any]) -> int:
        try:
            _check_out(options["out"])
            by = operator(home_team())
            video = self._video(by, options)
        except Refused as refusal:
            return self._say_no(refusal.message, refusal.code, REFUSED, options)
        except Unavailable as error:
            return self._say_no(error.message, "unavailable", FAILED, options)
        cluster = OwnCluster()
        try:
            self._follow(video, cluster, quiet=options["json"])
        except KeyboardInterrupt:
            return self._interrupted(by, video)
        except NoWorkers as error:
            kept = f"{error} The video is kept: make_video --resume {video.pk} goes on."
            return self._say_no(kept, "no_workers", FAILED, options)
        finally:
            cluster.end()
        return self._report(video, options)

    def _interrupted(self, by: Actor, video: Video) -> int:
        with contextlib.suppress(WrongState):  # it has just ended
            actions.pause(by=by, video=video)
        self.stderr.write(f"\nPaused. Go on with: make_video --resume {video.pk}")
        return INTERRUPTED

    def _say_no(self, message: str, code: str, exit_code: int, options: dict[str, Any]) -> int:
        if options["json"]:
            self.stdout.write(json.dumps({"error": message, "code": code}, ensure_ascii=False))
        else:
            self.stderr.write(message)
        return exit_code

    def _video(self, by: Actor, options: dict[str, Any]) -> Video:
        if not options["source"] and not options["resume"]:
            raise sources.BadSource("Name a text file, or --resume with the number of a video.")
        asked = {name: options[name] for name in _ORDERED if options[name] is not None}
        if options["source"]:
            asked |= self._source(by, options["source"])
        if options["resume"]:
            return self._resumed(by, options["resume"], asked)
        channel = self._channel(by, options["channel"])
        return actions.create_video(by=by, channel=channel, wish=actions.Wish(**asked))

    def _resumed(self, by: Actor, number: int, asked: dict[str, Any]) -> Video:
        video = Video.objects.visible_to(by).filter(pk=number).first()
        if video is None:
            raise sources.BadSource(f"There is no video {number}.")
        if "publish" in asked:
            asked["wants_publishing"] = asked.pop("publish")
        if asked:
            actions.change_order(by=by, video=video, **asked)
            video.refresh_from_db()
        if video.state in _RESUMABLE:
            actions.resume(by=by, video=video)
        return video

    def _source(self, by: Actor, named: str) -> dict[str, Any]:
        """The text and the pictures beside it; one that is no picture is left out, and named."""
        if is_address(named):
            return {"source": named, "source_kind": SourceKind.URL.value}
        source = sources.read(Path(named))
        pictures = {}
        for reference, beside in source.pictures.items():
            try:
                pictures[reference] = assets.keep_picture(by=by, path=beside).sha256
            except assets.NotAPicture as refusal:
                self.stderr.write(f"Left out: {refusal.message}")
        return {"source": source.text, "source_kind": source.kind, "pictures": pictures}

    def _channel(self, by: Actor, slug: str) -> Channel:
        if not slug:
            return home_channel(by=by)
        found = Channel.objects.visible_to(by).filter(slug=slug).first()
        if found is None:
            raise sources.BadSource(f"There is no channel {slug}.")
        return found

    def _follow(self, video: Video, cluster: OwnCluster, *, quiet: bool) -> None:
        """Shows each stage as it goes until the video stands still."""
        screen = Screen(sys.stderr, live=sys.stderr.isatty(), quiet=quiet)
        while True:
            cluster.keep()
            video.refresh_from_db(fields=_CHANGING)
            for run in video.runs.order_by("position"):
                screen.show(run)
            settled = video.state in _EXIT_CODES
            if settled and not (video.wants_publishing and video.state == VideoState.APPROVED):
                screen.end()
                return
            time.sleep(0.3)

    def _report(self, video: Video, options: dict[str, Any]) -> int:
        code = _EXIT_CODES[VideoState(video.state)]
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
            if video.state in _RESUMABLE:
                self.stderr.write(f"The video is kept: make_video --resume {video.pk} goes on.")
            elif written:
                self.stderr.write(f"The files are in {options['out'].resolve()}, to look at.")
        return code


def _check_out(out: Path) -> None:
    """Noticed now, not after minutes of work."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=out):
            pass
    except OSError as error:
        raise sources.BadSource(f"{out} can't be written: {error.strerror}.") from None
    for name in (*outputs.DELIVERED, "script.json", "provenance.json"):
        if (out / name).is_dir():
            raise sources.BadSource(f"{out / name} is a folder: choose another --out.")


def _copy_out(video: Video, out: Path) -> list[str]:
    """Copies what is finished; a file is whole or not there, and no link is followed."""
    delivered = outputs.delivered(video)
    for name, sha256 in delivered.items():
        with files.path_of(video.team_id, sha256).open("rb") as finished:
            _place(finished, out / name)
    if "video.mp4" not in delivered:
        return sorted(delivered)
    text = json.dumps(outputs.provenance(video), ensure_ascii=False, indent=2, sort_keys=True)
    _place(io.BytesIO(text.encode()), out / "provenance.json")
    return sorted([*delivered, "provenance.json"])


def _place(content: IO[bytes], path: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as unfinished:
        try:
            shutil.copyfileobj(content, unfinished)
            unfinished.flush()
            os.fchmod(unfinished.fileno(), 0o644)
            os.replace(unfinished.name, path)
        except OSError:
            os.unlink(unfinished.name)
            raise
