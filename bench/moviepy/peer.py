"""The same job as a script on moviepy: clips covered and cropped, captions, voice and bed.

`peer.py JOB.json`; the job names files, sizes, captions and the encoder's options.
"""

import json
import sys
from pathlib import Path
from typing import Any

from moviepy import (
    AudioFileClip,
    CompositeAudioClip,
    CompositeVideoClip,
    TextClip,
    VideoFileClip,
    concatenate_videoclips,
)
from moviepy.audio.fx import AudioFadeOut, AudioLoop, MultiplyVolume


def covered(path: str, seconds: float, size: tuple[int, int]) -> Any:
    clip = VideoFileClip(path, audio=False).subclipped(0, seconds)
    scale = max(size[0] / clip.w, size[1] / clip.h)
    if scale != 1:
        clip = clip.resized(scale)
    return clip.cropped(x_center=clip.w / 2, y_center=clip.h / 2, width=size[0], height=size[1])


def captions(job: dict[str, Any], size: tuple[int, int]) -> list[Any]:
    return [
        TextClip(
            font=job["font"],
            text=cue["text"],
            font_size=60,
            color="white",
            stroke_color="black",
            stroke_width=2,
            method="caption",
            size=(int(size[0] * 0.9), None),
            text_align="center",
        )
        .with_start(cue["start_s"])
        .with_duration(cue["end_s"] - cue["start_s"])
        .with_position(("center", size[1] * 0.7))
        for cue in job["captions"]
    ]


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    size, seconds = tuple(job["size"]), job["seconds"]
    pieces = [covered(path, seconds / len(job["clips"]), size) for path in job["clips"]]
    whole = CompositeVideoClip([concatenate_videoclips(pieces), *captions(job, size)], size=size)
    bed = AudioFileClip(job["bed"])
    bed = bed.with_effects([AudioLoop(duration=seconds), MultiplyVolume(0.2), AudioFadeOut(3)])
    sound = CompositeAudioClip([AudioFileClip(job["voice"]), bed]).with_duration(seconds)
    whole.with_audio(sound).with_duration(seconds).write_videofile(
        job["into"],
        fps=job["fps"],
        codec="libx264",
        preset=job["preset"],
        threads=job["threads"],
        audio_codec="aac",
        audio_bitrate="192k",
        ffmpeg_params=job["encoder"],
        logger=None,
        temp_audiofile_path=str(Path(job["into"]).parent),
    )


if __name__ == "__main__":
    main()
