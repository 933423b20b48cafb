"""Quality: each scene is looked at and listened to, then the finished video as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from videos.contracts import (
    FPS,
    SIZES,
    WHOLE,
    Finding,
    Inputs,
    Listener,
    Made,
    Part,
    Task,
    Work,
    scene_part,
)
from videos.media import audio, checks, ffmpeg, heard, measure, mp4
from videos.media.heard import Misheard
from videos.stages.catalogue import stage
from videos.stages.render import narration_of, segment_of

VIDEO = f"render/{WHOLE}/video.mp4"
SHOWN = 5  # findings in the summary


def plan(inputs: Inputs) -> list[Part]:
    size = SIZES[inputs.order.format]
    scenes = [scene_part(scene.id) for scene in inputs.script.scenes]
    frames = [int(inputs.facts("narration", scene)["frames"]) for scene in scenes]
    each = [
        Part(
            scene,
            needs=(segment_of(scene), narration_of(scene), _words_of(scene)),
            params={"size": size},
            weight=float(length),
        )
        for scene, length in zip(scenes, frames, strict=True)
    ]
    needs = (VIDEO, *map(_captions_of, scenes), *map(_findings_of, scenes))
    params = {"scenes": scenes, "frames": frames, "size": size}
    return [*each, Part(WHOLE, needs, params, weight=sum(frames) * 0.2)]


def _words_of(scene: str) -> str:
    return f"narration/{scene}/words.json"


def _captions_of(scene: str) -> str:
    return f"captions/{scene}/captions.json"


def _findings_of(scene: str) -> str:
    return f"quality/{scene}/findings.json"


@stage(
    "quality",
    version=1,
    needs=["segment.mp4", "video.mp4", "narration.wav", "words.json", "captions.json"],
    makes=["findings.json", "quality.json"],
    plan=plan,
    silence_s=300,
    provider="listener",
)
def quality(work: Work) -> Iterator[Made]:
    for task in work.parts:
        room = work.room / task.id.replace(":", "-")
        room.mkdir()
        yield _whole(task, room, work) if task.id == WHOLE else _scene(task, room, work)


def _scene(task: Task, room: Path, work: Work) -> Made:
    segment, narration = task.files[segment_of(task.id)], task.files[narration_of(task.id)]
    said = _read(task.files[_words_of(task.id)])
    stop, length_s = work.stopping, said["frames"] / FPS
    video = ffmpeg.probe(segment, room=room, stop=stop, count=True).first("video")
    findings = [*checks.scene_picture(video, tuple(task.params["size"]), said["frames"])]
    findings += checks.scene_seen(measure.look(segment, length_s=length_s, room=room, stop=stop))
    work.beat(0.4, "looking")
    silences = measure.listen(narration, length_s=length_s, room=room, stop=stop)
    findings += checks.scene_silence(silences, length_s)
    work.beat(0.5, "listening")
    remarks, figures = _transcribed(said, narration, work)
    report = room / "findings.json"
    _write(report, {"findings": [asdict(f) for f in (*findings, *remarks)], "figures": figures})
    return Made(task.id, {report.name: report}, facts=figures)


def _transcribed(
    said: dict[str, Any], narration: Path, work: Work
) -> tuple[list[Finding], dict[str, Any]]:
    """Findings and figures; without a listener for the language, a remark that says so."""
    listener = _listener(work)
    language = said["language"]
    if listener is None or language not in listener.languages:
        whom = "no listener is installed" if listener is None else f"{listener.name} can't hear it"
        remark = f"The narration ({language}) was not transcribed: {whom}."
        return [Finding("not_transcribed", "info", remark)], {}
    words = listener.hear(narration, language=language, stopping=work.stopping)
    text = " ".join(word.text.strip() for word in words)
    wanted = " ".join(word["spoken"] for word in said["words"])
    misheard = heard.compare(wanted, text)
    figures = {"errors": misheard.errors, "words": misheard.words, "heard": text}
    return [*checks.scene_words(misheard, text)], figures


def _listener(work: Work) -> Listener | None:
    try:
        return work.tools.listener
    except LookupError:
        return None


def _whole(task: Task, room: Path, work: Work) -> Made:
    params, video = task.params, task.files[VIDEO]
    size, frames = tuple(params["size"]), sum(params["frames"])
    media = ffmpeg.probe(video, room=room, stop=work.stopping, count=True)
    loudness = audio.measure(video, room=room, stop=work.stopping)
    work.beat(0.8, "measuring")
    words = _words(task)
    findings = [
        *checks.whole_container(
            media, size, fast=mp4.starts_fast(video), whole=mp4.is_whole(video)
        ),
        *checks.whole_length(media, frames),
        *checks.whole_loudness(loudness),
        *checks.whole_words(Misheard(words["word_errors"], words["words"])),
        *_once_each(_pooled(task)),
    ]
    figures = {**_figures(media, loudness, size), **words}
    report = {
        "passed": not any(finding.level == "fail" for finding in findings),
        "findings": [asdict(finding) for finding in findings],
        "figures": figures,
        "summary": _summary(findings, figures),
    }
    path = room / "quality.json"
    _write(path, report)
    failures = [finding.message for finding in findings if finding.level == "fail"]
    facts = {
        "passed": report["passed"],
        "reason": failures[0] if failures else "",
        "summary": report["summary"],
        "figures": figures,
    }
    return Made(WHOLE, {path.name: path}, facts=facts)


def _pooled(task: Task) -> Iterator[Finding]:
    """What was found in each scene, at its second in the finished video."""
    starts = accumulate(task.params["frames"], initial=0)
    lengths = task.params["frames"]
    scenes = zip(task.params["scenes"], starts, lengths, strict=False)
    for number, (scene, start, length) in enumerate(scenes, start=1):
        told = _read(task.files[_findings_of(scene)])["findings"]
        cues = _read(task.files[_captions_of(scene)])["cues"]
        found = [Finding(**finding) for finding in told]
        for finding in (*found, *checks.scene_captions(cues, length / FPS)):
            yield replace(
                finding,
                message=f"Scene {number}: {finding.message}",
                scene_id=scene.partition(":")[2],
                at_s=round(start / FPS + finding.at_s, 3),
            )


def _once_each(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What is remarked on every scene alike is said once, of the video."""
    remarked: set[str] = set()
    for finding in findings:
        if finding.level != "info":
            yield finding
        elif finding.code not in remarked:
            remarked.add(finding.code)
            yield replace(
                finding, message=finding.message.partition(": ")[2], scene_id="", at_s=0.0
            )


def _words(task: Task) -> dict[str, Any]:
    figures = [_read(task.files[_findings_of(scene)])["figures"] for scene in task.params["scenes"]]
    told = [each for each in figures if "words" in each]
    words, errors = sum(each["words"] for each in told), sum(each["errors"] for each in told)
    rate = round(errors / words, 4) if words else None
    return {"words": words, "word_errors": errors, "word_error_rate": rate}


def _figures(
    media: ffmpeg.Media, loudness: audio.Loudness, size: tuple[int, ...]
) -> dict[str, Any]:
    video, sound = media.first("video"), media.first("audio")
    return {
        "duration_s": round(video.duration_s, 3) if video else 0,
        "audio_s": round(sound.duration_s, 3) if sound else 0,
        "frames": video.frames if video else 0,
        "size": list(size),
        "lufs": loudness.integrated_lufs,
        "loudness_range": loudness.range_lu,
        "true_peak": loudness.true_peak_db,
    }


def _summary(findings: Sequence[Finding], figures: dict[str, Any]) -> list[str]:
    count = {level: sum(f.level == level for f in findings) for level in ("fail", "warning")}
    verdict = "The video may be published." if not count["fail"] else "The video is held back."
    width, height = figures["size"]
    lines = [
        f"{verdict} {_counted(count['fail'], 'failure')}, {_counted(count['warning'], 'warning')}.",
        f"{figures['duration_s']:.1f} s of {width}x{height}, {figures['lufs']:.1f} LUFS, "
        f"true peak {figures['true_peak']:.1f} dB.",
    ]
    rate = figures["word_error_rate"]
    if rate is None:
        lines.append("The narration was not transcribed.")
    else:
        lines.append(
            f"Heard back, {figures['word_errors']} of {figures['words']} words differ ({rate:.1%})."
        )
    order = {"fail": 0, "warning": 1}
    told = sorted((f for f in findings if f.level in order), key=lambda f: order[f.level])
    lines += [f"{f.level.capitalize()} at {f.at_s:.1f} s: {f.message}" for f in told[:SHOWN]]
    return lines + ([f"And {len(told) - SHOWN} more."] if len(told) > SHOWN else [])


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _write(path: Path, told: Any) -> None:
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
