"""eSpeak NG: robotic, but it speaks over a hundred languages."""

from videos.providers.catalogue import providers
from videos.providers.local_voice import LocalVoice


class Espeak(LocalVoice):
    engine = "espeak"


providers.add("voice:espeak", Espeak)
