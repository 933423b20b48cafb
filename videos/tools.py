"""What `manage.py doctor` asks of the programs that make videos: ffmpeg, voices, fonts."""

import shutil
import subprocess
from collections.abc import Iterator

from config.kit.errors import Rejected
from config.kit.registry import Finding, Verdict
from videos import routing
from videos.media import fonts
from videos.providers.catalogue import providers

ENCODERS = ("libx264", "aac", "png", "mjpeg")
LEAST_FFMPEG = 5


def check() -> Iterator[Finding]:
    for name in ("ffmpeg", "ffprobe"):
        yield _program(name)
    yield _voices()
    yield _listener()
    yield _fonts()


def _program(name: str) -> Finding:
    if shutil.which(name) is None:
        return Finding(name, Verdict.FAIL, f"{name} is not installed: run bin/setup.")
    said = _say(name, "-version").split("\n")[0]
    if name == "ffmpeg":
        known = _say(name, "-encoders")
        missing = [encoder for encoder in ENCODERS if f" {encoder} " not in known]
        if missing:
            told = f"It lacks {missing[0]}: install Debian's ffmpeg instead."
            return Finding(name, Verdict.FAIL, told)
    version = said.split()[2] if len(said.split()) > 2 else said
    return Finding(name, Verdict.OK, version)


def _say(*command: str) -> str:
    hidden = (*command, "-hide_banner")
    done = subprocess.run(hidden, capture_output=True, text=True, check=False, timeout=20)
    return done.stdout


def _voices() -> Finding:
    offers = routing.offers()
    if not offers:
        told = "None is set up, so no video can be spoken: run bin/setup-voices."
        return Finding("Voices", Verdict.FAIL, told)
    engines = sorted({offer.engine for offer in offers})
    languages = {tag.split("-")[0] for offer in offers for tag in offer.languages}
    told = f"{len(offers)} of {', '.join(engines)}, in {len(languages)} languages"
    return Finding("Voices", Verdict.OK, told)


def _listener() -> Finding:
    if not providers.get(f"listener:{routing.LISTENER}").present():
        told = "Nobody listens to what was spoken: run bin/setup-voices whisper."
        return Finding("Listener", Verdict.WARN, told)
    return Finding("Listener", Verdict.OK, f"{routing.LISTENER} is set up")


def _fonts() -> Finding:
    try:
        fonts.check(["Latin", "Ελληνικά", "Кириллица", "漢字", "हिन्दी", "العربية"])
    except Rejected as error:
        return Finding("Fonts", Verdict.FAIL, error.message)
    return Finding("Fonts", Verdict.OK, f"{len(fonts.installed_families())} families for looks")
