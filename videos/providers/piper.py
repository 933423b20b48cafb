"""Piper: quick, natural, English."""

from videos.providers.catalogue import providers
from videos.providers.local_voice import LocalVoice


class Piper(LocalVoice):
    engine = "piper"


providers.add("voice:piper", Piper)
