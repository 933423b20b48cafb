"""A sentence in each voice, to hear before one is chosen: spoken once by a worker, then kept."""

import hashlib
import logging
import tempfile
from pathlib import Path

from django.conf import settings

from config.kit import jobs, outbound
from config.kit.cache import take_turn
from config.kit.errors import ProviderError, Refused
from videos.media import answers
from videos.media.engines import Engine
from videos.models import VendorVoice
from videos.providers.voices import Offer
from videos.writing.spoken import spoken_words

log = logging.getLogger("showrunner.voices")
SPEAK, FETCH = "videos.tasks.speak_sample", "videos.tasks.fetch_sample"
MOST_BYTES = 4_000_000
ASKED_FOR_S = 60  # nobody asks a second time so soon
SAID = {
    "de": "So klingt diese Stimme in Ihrem nächsten Video.",
    "en": "This is how I sound when I tell your story.",
    "es": "Así sueno cuando cuento tu historia.",
    "fr": "Voici ma voix quand je raconte votre histoire.",
    "hi": "आपकी कहानी सुनाते समय मेरी आवाज़ ऐसी लगती है।",
    "it": "Questa è la mia voce quando racconto la tua storia.",
    "pt": "É assim que eu soo quando conto a sua história.",
}


def sample(offer: Offer) -> Path | None:
    """A wave file; None while a worker speaks it, or fetches what its vendor lets one hear. A voice
    that is sold is never paid for a sample."""
    path = _path(offer)
    if path.exists():
        return path
    if not take_turn(f"sample:{path.name}", ASKED_FOR_S):
        return None
    if offer.is_sold:
        jobs.enqueue(FETCH, offer.full_name, to="ai")
    else:
        jobs.enqueue(SPEAK, offer.engine, offer.name, _language(offer), to="ai")
    return None


def speak(engine: str, name: str, language: str) -> None:
    """The task. Doing it again changes nothing."""
    path = _path(Offer(engine, name, (language,)))
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as room:
        wave = Path(room) / "sample.wav"
        Engine(engine).say(
            spoken_words(SAID[language.partition("-")[0]], language),
            voice=name,
            language=language,
            speed=1.0,
            into=wave,
            stopping=jobs.stopping,
            beat=lambda fraction: None,
        )
        wave.replace(path)


def fetch(name: str) -> None:
    """The task, for a voice that is sold. What its vendor has there may be no sound at all."""
    voice = VendorVoice.objects.named(name).first()
    if voice is None or not voice.preview_url:
        return
    path = _kept(name, voice.preview_url)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        answer = outbound.send("GET", voice.preview_url, headers={}, most=MOST_BYTES)
        with tempfile.TemporaryDirectory(dir=path.parent) as room:
            wave = Path(room) / "sample.wav"
            answers.decoded(answer.body, wave)
            wave.replace(path)
    except (ProviderError, Refused) as error:
        log.warning("the sample of %s can't be fetched: %s", name, error.message)


def _kept(name: str, address: str) -> Path:
    digest = hashlib.sha256(f"{name} {address}".encode()).hexdigest()[:24]
    return Path(settings.SAMPLES_DIR) / f"sold-{digest}.wav"


def _language(offer: Offer) -> str:
    """One that the voice speaks and for which there is a sentence, English where it can."""
    spoken = [tag for tag in offer.languages if tag.partition("-")[0] in SAID]
    english = [tag for tag in spoken if tag.startswith("en")]
    return (english or spoken or ["en"])[0]


def _path(offer: Offer) -> Path:
    if offer.is_sold:
        return _kept(offer.full_name, offer.preview_url)
    version = Engine(offer.engine).about()["version"]
    return Path(settings.SAMPLES_DIR) / f"{offer.engine}-{offer.name}-{version}.wav"
