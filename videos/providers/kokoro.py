"""Kokoro: the finest voices here, seven times slower than Piper."""

from videos.providers.catalogue import providers
from videos.providers.local_voice import LocalVoice


class Kokoro(LocalVoice):
    engine = "kokoro"


providers.add("voice:kokoro", Kokoro)
