"""OpenAI's voices, and those of any server that speaks its HTTP: Kokoro-FastAPI, for example.

No times come with the sound: `videos.media.timing` finds them, off by 50 to 70 ms on average. A
request of which nothing came back can't be looked up, so a person is asked before it is sent again.
`tts-1` and its kin bill characters; the others seconds, which the sound itself tells.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from config.kit.errors import ProviderError, Spend
from config.kit.money import Use, exactly
from config.kit.vendors import Account
from videos.contracts import Beat, Recovery, Said, Stop, Word
from videos.media import answers, timing, waves
from videos.providers import saying
from videos.providers.calling import Ask, Caller
from videos.providers.catalogue import providers
from videos.providers.selling import LISTED, Category, SoldVoice

MOST = 4096  # characters a request
BY_SECONDS = "gpt-"
AGAIN = "Retry the stage to buy it again."
SPOKEN = (
    "en af ar hy az be bs bg ca zh hr cs da nl et fi fr gl de el he hi hu is id it ja kn "
    "kk ko lv lt mk ms mr mi ne no fa pl pt ro ru sr sk sl es sw sv tl ta th tr uk ur vi "
    "cy"
)
LANGUAGES = tuple(SPOKEN.split())
VOICES = {
    "alloy": "Even and clear",
    "ash": "Warm and firm",
    "ballad": "Soft, tells stories",
    "coral": "Friendly",
    "echo": "Calm and low",
    "fable": "Lively, British",
    "nova": "Bright",
    "onyx": "Deep",
    "sage": "Quiet and wise",
    "shimmer": "Light",
    "verse": "Expressive",
    "marin": "Natural, newest",
    "cedar": "Natural and low, newest",
}
# how Kokoro names its voices: by language, and by whether it is a woman's or a man's
KOKORO = re.compile(r"([abefhijpz])[fm]_\w+")
TAGS = {"a": "en-us", "b": "en-gb", "e": "es", "f": "fr", "h": "hi", "i": "it", "j": "ja"}
TAGS |= {"p": "pt-br", "z": "zh"}
NOT_OF_TTS_1 = ("ballad", "verse", "marin", "cedar")


class OpenAiVoice:
    account: ClassVar[str] = "speech"
    vendor: ClassVar[str] = "OpenAI"
    recovery: Recovery = "none"

    def __init__(self, voice: str, account: Account) -> None:
        self.voice, self._account = voice, account
        self.name = f"openai:{voice}"
        self.version = f"{account.model} 1"
        self._vendor = "The speech server" if account.is_local else "OpenAI"
        self.licence = (
            f"{account.model} on a server of this studio's own"
            if account.is_local
            else f"OpenAI {account.model}, under the terms of the account; an AI voice"
        )

    @classmethod
    def sold(cls, account: Account, room: Path, stopping: Stop) -> list[SoldVoice]:
        """A server of one's own says which it has."""
        own = _own(account, room, stopping) if account.is_local else []
        return own or cls.known(account)

    @classmethod
    def known(cls, account: Account) -> list[SoldVoice]:
        is_old = account.model.startswith("tts-1")
        names = [name for name in VOICES if not (is_old and name in NOT_OF_TTS_1)]
        kind: Category = "own" if account.is_local else "premade"
        return [SoldVoice(name, name.title(), LANGUAGES, kind, VOICES[name]) for name in names]

    @property
    def _is_billed_by_seconds(self) -> bool:
        return self._account.model.startswith(BY_SECONDS)

    def uses(self, words: Sequence[Word], params: Mapping[str, Any]) -> Sequence[Use]:
        """Raises Rejected for what is too long for one request."""
        text = saying.joined(words).text
        saying.check_length(text, MOST, self._vendor)
        if self._account.is_local:
            return ()
        if not self._is_billed_by_seconds:
            return [exactly(self.name, "characters", len(text), self._account.model)]
        likely_s = timing.estimated_s(text)
        most_s = saying.longest_s(text)
        return [Use(self.name, "seconds", likely_s / 2, likely_s, most_s, self._account.model)]

    def ask(
        self,
        words: Sequence[Word],
        *,
        params: Mapping[str, Any],
        request: str,
        into: Path,
        stopping: Stop,
        beat: Beat,
    ) -> None:
        content = {
            "model": self._account.model,
            "voice": self.voice,
            "input": saying.joined(words).text,
            "response_format": "wav",
            "speed": float(params["speed"]),
        }
        ask = Ask("POST", "/audio/speech", content)
        self._caller().send(ask, into=into, stopping=stopping, beat=beat)

    def _caller(self) -> Caller:
        headers = {"Authorization": f"Bearer {self._account.key}"} if self._account.key else {}
        is_paid = not self._account.is_local
        return Caller(self._vendor, self._account, headers, is_paid=is_paid)

    def read(self, reply: Path, words: Sequence[Word], *, into: Path) -> Said:
        text = saying.joined(words).text
        with saying.reading(self._vendor, self._spent(text, saying.longest_s(text)), AGAIN):
            answers.decoded(reply.read_bytes(), into)
            sound, rate = waves.read(into)
        spent = self._spent(text, len(sound) / rate)
        with saying.reading(self._vendor, spent, AGAIN):
            return saying.said(
                into, text, lambda sound, rate: timing.spans(sound, rate, words), spent
            )

    def _spent(self, text: str, seconds: float) -> list[Spend]:
        """Of a sound that can't be read nobody knows the length: it counts as the longest."""
        if self._account.is_local:
            return []
        unit, quantity = "seconds", round(seconds, 3)
        if not self._is_billed_by_seconds:
            unit, quantity = "characters", float(len(text))
        return [Spend(self.name, unit, quantity, model=self._account.model)]


def _own(account: Account, room: Path, stopping: Stop) -> list[SoldVoice]:
    """None: this server keeps no list."""
    into = room / "voices.json"
    caller = Caller("The speech server", account, {}, is_paid=False)
    ask = Ask("GET", "/audio/voices")
    try:
        caller.send(ask, into=into, stopping=stopping, beat=lambda fraction: None)
        found = json.loads(into.read_bytes())["voices"]
        return [_listed(one if isinstance(one, dict) else {"id": one}) for one in found]
    except (ProviderError, ValueError, KeyError, TypeError):
        return []


def _listed(row: Mapping[str, Any]) -> SoldVoice:
    """What it is stands in `category`, where the server tells that at all."""
    name = str(row["id"])
    kind = LISTED.get(str(row.get("category")), "own")
    return SoldVoice(name, name, _languages(name), kind)


def _languages(name: str) -> tuple[str, ...]:
    told = KOKORO.fullmatch(name)
    return (TAGS[told[1]],) if told else LANGUAGES


providers.add("voice:openai", OpenAiVoice)
