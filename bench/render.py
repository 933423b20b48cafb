"""What rendering costs: time, memory of the process tree, and processor beside bare x264."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import clips_race, real_video, report
from bench.driver import Studio, Tools
from tests.videos.sounds import TEMPLATES, studio
from videos.contracts import FPS, SIZES, WHOLE, Made
from videos.media import ffmpeg

SIZE = SIZES["short"]
THREADS = Tools().render_threads
METHOD = (
    "Peak: `manage.py make_video` makes a 1080x1920 video of about {seconds} s of a ready script, "
    "in an empty installation, with its own queue and workers, spoken by Piper, with composed "
    "music and a {threads}-thread encoder. While the render stage runs, the resident memory of the "
    "rendering worker and all its descendants is summed every 50 ms (shared pages count in each "
    "process; the sum of proportional shares stands beside it). wall_s_per_video_s is the render "
    "stage of the 5-scene video by the length of the video. cpu_vs_x264 compares processor time, "
    "user and system, of the whole stage driven in memory (drawing, conversion, encoding, music, "
    "mix, join) on six scenes of two seconds, one a template, with ffmpeg encoding the same frames "
    "from raw YUV 4:2:0 with the same settings, scene by scene in turn. cpu_vs_moviepy compares "
    "processor time of whole process trees on the same job: three wide clips of four seconds, as "
    "an upload is kept, that cover a 1080x1920 page one after the other, captions, a voice over a "
    "bed. One side is our stages visuals, captions and render driven in memory, with the brand, "
    "progress bar, transitions, word-by-word captions and levelled sound that belong to them; the "
    "other bench/moviepy/peer.py on moviepy 2.2.1, which has none of these. Both use the same "
    "ffmpeg, x264 with preset medium, crf 23 and the same further options, {threads} threads; they "
    "take turns, {rounds} times, and the sums are compared."
)
ROUNDS = 2


def cpu_s() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def memory_and_time(scenes: int, seconds: int) -> dict[str, float]:
    found = real_video.make(scenes, seconds)
    return {
        f"video_s_{scenes}_scenes": round(found.video_s, 1),
        f"peak_tree_mb_{scenes}_scenes": round(found.resident_mb, 1),
        f"peak_tree_pss_mb_{scenes}_scenes": round(found.shared_out_mb, 1),
        f"wall_s_per_video_s_{scenes}_scenes": round(found.wall_s / found.video_s, 3),
    }


class Race:
    """Lets bare x264 encode each scene's frames right after the stage has made the scene."""

    def __init__(self, found: Studio) -> None:
        self.found = found
        self.stage_s = self.bare_s = 0.0
        self.mark = cpu_s()

    def settled(self, made: Made) -> None:
        self.stage_s += cpu_s() - self.mark
        if made.part != WHOLE:
            self._bare(made.part)
        self.mark = cpu_s()

    def _bare(self, part: str) -> None:
        raw = self.found.root / "frames.y4m"
        _raw_frames(self.found, part, raw)
        start = cpu_s()
        encoding = ffmpeg.Encoding(SIZE, threads=self.found.tools.render_threads)
        command = ["ffmpeg", "-v", "error", "-y", "-i", str(raw), *ffmpeg.x264(encoding)]
        subprocess.run([*command, "-f", "mp4", str(raw.with_suffix(".mp4"))], check=True)
        self.bare_s += cpu_s() - start
        raw.unlink()


def _raw_frames(found: Studio, part: str, into: Path) -> None:
    """The frames of a scene as the encoder of the stage gets them."""
    spec = found.root / "room" / "render" / part.replace(":", "-") / "draw.json"
    draw = subprocess.Popen(
        [sys.executable, "-m", "videos.media.draw", str(spec)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=report.ROOT,
    )
    command = [*ffmpeg.reading(SIZE), "-vf", ffmpeg.TO_VIDEO, "-f", "yuv4mpegpipe", str(into)]
    subprocess.run(command, stdin=draw.stdout, check=True)
    draw.wait()


def beside_x264(frames: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        found = studio(Path(folder), [frames] * len(TEMPLATES))
        race = Race(found)
        found.settled = race.settled
        found.run("render")
    seconds = frames * len(TEMPLATES) / FPS
    return {
        "cpu_vs_x264": round(race.stage_s / race.bare_s, 3),
        "cpu_s_per_video_s": round(race.stage_s / seconds, 3),
        "x264_cpu_s_per_video_s": round(race.bare_s / seconds, 3),
    }


def beside_moviepy(rounds: int = ROUNDS) -> dict[str, float]:
    clips_race.install()
    own_s = peer_s = 0.0
    with tempfile.TemporaryDirectory() as folder:
        given = clips_race.material(Path(folder))
        told = clips_race.job(clips_race.ours(_room(folder, "job"), given), given)
        for number in range(rounds):
            found = clips_race.ours(_room(folder, f"own{number}"), given)
            mark = cpu_s()
            own = clips_race.cut(found)
            own_s, mark = own_s + cpu_s() - mark, cpu_s()
            other = clips_race.peer(told)
            peer_s += cpu_s() - mark
        sizes = own.stat().st_size, other.stat().st_size
    seconds = rounds * clips_race.SECONDS * len(clips_race.SHAPES)
    return {
        "cpu_vs_moviepy": round(own_s / peer_s, 3),
        "clips_cpu_s_per_video_s": round(own_s / seconds, 3),
        "moviepy_cpu_s_per_video_s": round(peer_s / seconds, 3),
        "clips_bytes_vs_moviepy": round(sizes[0] / sizes[1], 3),
    }


def _room(folder: str, name: str) -> Path:
    room = Path(folder) / name
    room.mkdir()
    return room


def main() -> None:
    parser = report.options("render", __doc__ or "")
    parser.add_argument("--seconds", type=int, default=60, help="length of the videos")
    chosen = parser.parse_args()
    five = memory_and_time(5, chosen.seconds)
    figures = {
        **five,
        **memory_and_time(40, chosen.seconds),
        "wall_s_per_video_s": five["wall_s_per_video_s_5_scenes"],
        **beside_x264(2 * FPS),
        **beside_moviepy(),
    }
    method = METHOD.format(seconds=chosen.seconds, threads=THREADS, rounds=ROUNDS)
    report.write("render", figures, method, chosen.json)


if __name__ == "__main__":
    main()
