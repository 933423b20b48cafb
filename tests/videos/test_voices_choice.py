"""Which voice speaks: the best for the language, or the one asked for, or a clear no."""

import pytest

from config.kit.errors import Rejected
from videos.providers.voices import Offer, choose_voice

HEART = Offer("kokoro", "af_heart", ("en-us",))
EMMA = Offer("kokoro", "bf_emma", ("en-gb",))
DORA = Offer("kokoro", "ef_dora", ("es",))
JOE = Offer("piper", "joe", ("en",))
ROBOT = Offer("espeak", "default", ("de", "en", "en-gb", "es", "ru"))
ALL = (HEART, EMMA, DORA, JOE, ROBOT)


@pytest.mark.parametrize(
    ("wanted", "language", "offers", "chosen"),
    [
        ("", "en", ALL, "kokoro:af_heart"),
        ("hd", "en", ALL, "kokoro:af_heart"),
        ("fast", "en", ALL, "piper:joe"),
        ("", "en-GB", ALL, "kokoro:bf_emma"),
        ("", "es-MX", ALL, "kokoro:ef_dora"),
        ("fast", "es", ALL, "kokoro:ef_dora"),
        ("", "de", ALL, "espeak:default"),
        ("", "en", (JOE, ROBOT), "piper:joe"),
        ("", "en", (ROBOT,), "espeak:default"),
        ("piper", "en", ALL, "piper:joe"),
        ("kokoro:bf_emma", "en", ALL, "kokoro:bf_emma"),
    ],
)
def test_a_video_gets_the_voice_that_fits(wanted, language, offers, chosen):
    assert choose_voice(wanted, language, offers) == chosen


@pytest.mark.parametrize(
    ("wanted", "language", "offers", "sentence"),
    [
        ("", "xx", ALL, "No voice here speaks the language 'xx'"),
        ("", "en", (), "No voice is set up here: run bin/setup-voices"),
        (
            "piper:joe",
            "de",
            ALL,
            "piper:joe does not speak the language 'de'. Choose one of: espeak",
        ),
        ("piper:joe", "en", (ROBOT,), "not set up here: run bin/setup-voices piper"),
        ("bob", "en", ALL, "There is no voice 'bob'"),
    ],
)
def test_a_voice_that_cannot_speak_the_text_is_refused_with_a_way_out(
    wanted, language, offers, sentence
):
    with pytest.raises(Rejected, match="^.*" + sentence.replace("(", r"\(")):
        choose_voice(wanted, language, offers)
