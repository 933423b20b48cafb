"""ElevenLabs: speech with the time of each character, and the voices of the account, those that are
copies of a person's as well.

A request of which nobody knows what became is looked for in the account's history before it is sent
again.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from config.kit.errors import Rejected, Spend
from config.kit.money import Use
from config.kit.vendors import Account
from videos.contracts import Beat, Former, Recovery, Said, Stop, Word
from videos.media import answers
from videos.providers import elevenlabs_history, saying
from videos.providers.calling import Ask, Caller, told
from videos.providers.catalogue import providers
from videos.providers.character_times import spans
from videos.providers.elevenlabs_history import Sought
from videos.providers.selling import LISTED, SoldVoice

VENDOR = "ElevenLabs"
RATE = 24_000
FORM = f"pcm_{RATE}"  # every plan of the vendor has it
MOST = {"eleven_multilingual_v2": 10_000, "eleven_monolingual_v1": 10_000}
MOST_OF_QUICK, MOST_OF_OTHERS = 30_000, 5_000
QUICK = ("flash", "turbo")  # these models take half a credit for a character
TELLS_LANGUAGE = ("eleven_flash_v2_5", "eleven_turbo_v2_5")  # others refuse to be told
AGAIN = "Retry the stage to fetch it from the account's history, or change the words or the voice."
COST, ITEM = "character-cost", "history-item-id"
SPOKEN = "en ja zh de hi fr ko pt it es id nl tr fil pl sv bg ro ar cs el fi hr ms sk da ta uk ru"
LANGUAGES = tuple(SPOKEN.split())


class _Caller(Caller):
    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
        _, message = told(body)
        if status in (400, 404) and "voice" in message.lower():
            return Rejected(
                f"{VENDOR} does not know this voice any more ({message.rstrip('.')}): choose "
                "another one."
            )
        return super()._refusal(status, headers, body)


class ElevenLabs:
    account: ClassVar[str] = "elevenlabs"
    vendor: ClassVar[str] = VENDOR
    recovery: Recovery = "lookup"

    def __init__(self, voice: str, account: Account) -> None:
        self.voice, self._account = voice, account
        self.name = f"elevenlabs:{voice}"
        self.version = f"{account.model} 1"
        self.licence = f"{VENDOR} {account.model}, under the terms of the account; an AI voice"

    @classmethod
    def known(cls, account: Account) -> list[SoldVoice]:
        """Nobody knows them before the account was asked."""
        return []

    @classmethod
    def sold(cls, account: Account, room: Path, stopping: Stop) -> list[SoldVoice]:
        """The voices that the account may use."""
        into = room / "voices.json"
        ask = Ask("GET", "/v1/voices")
        caller = _caller(account, is_paid=False)
        caller.send(ask, into=into, stopping=stopping, beat=lambda fraction: None)
        return [_listed(row) for row in json.loads(into.read_bytes())["voices"]]

    def uses(self, words: Sequence[Word], params: Mapping[str, Any]) -> Sequence[Use]:
        """Raises Rejected for what is too long for one request."""
        text, model = saying.joined(words).text, self._account.model
        quick = MOST_OF_QUICK if any(mark in model for mark in QUICK) else MOST_OF_OTHERS
        saying.check_length(text, MOST.get(model, quick), VENDOR)
        likely = self._credits(text)
        return [Use(self.name, "characters", likely, likely, len(text), model)]

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
        content: dict[str, Any] = {"text": saying.joined(words).text}
        content["model_id"] = self._account.model
        if self._account.model in TELLS_LANGUAGE:
            content["language_code"] = str(params["language"]).partition("-")[0]
        if float(params["speed"]) != 1.0:
            content["voice_settings"] = {"speed": float(params["speed"])}
        place = f"/v1/text-to-speech/{self.voice}/with-timestamps"
        ask = Ask("POST", place, content, query={"output_format": FORM})
        raw = into.with_suffix(".raw")
        headers = self._caller().send(ask, into=raw, stopping=stopping, beat=beat)
        saying.pack(into, {name: headers.get(name, "") for name in (COST, ITEM)}, raw)

    def find(
        self, words: Sequence[Word], *, former: Former, into: Path, stopping: Stop, beat: Beat
    ) -> bool:
        caller, raw = self._caller(is_paid=False), into.with_suffix(".raw")

        def send(ask: Ask, to: Path) -> Mapping[str, str]:
            return caller.send(ask, into=to, stopping=stopping, beat=beat)

        sought = Sought(self.voice, self._model, saying.joined(words).text)
        item = elevenlabs_history.find(sought, former, send, raw)
        if item is None:
            return False
        form = FORM if item.is_bare else "file"
        saying.pack(into, {COST: str(item.cost), ITEM: item.name, "sound": form}, raw)
        return True

    def called(self, reply: Path) -> str:
        return saying.unpacked(reply)[0].get(ITEM, "")

    def read(self, reply: Path, words: Sequence[Word], *, into: Path) -> Said:
        said = saying.joined(words)
        head, body = saying.unpacked(reply)
        spent = [Spend(self.name, "characters", self._cost(head, said.text), model=self._model)]
        with saying.reading(VENDOR, spent, AGAIN):
            times = self._sounded(head, body, into)
            return saying.said(
                into, said.text, lambda sound, rate: spans(times, said, words, sound, rate), spent
            )

    def _sounded(self, head: Mapping[str, str], body: bytes, into: Path) -> Any:
        """Writes the sound, and answers what is told of its times: nothing in the history."""
        if head.get("sound") == "file":
            answers.decoded(body, into)
            return None
        content = {} if "sound" in head else json.loads(body)
        raw = base64.b64decode(content["audio_base64"], validate=True) if content else body
        answers.wrapped(raw, RATE, into)
        return content.get("alignment")

    @property
    def _model(self) -> str:
        return self._account.model

    def _caller(self, *, is_paid: bool = True) -> Caller:
        return _caller(self._account, is_paid=is_paid)

    def _credits(self, text: str) -> int:
        each = 0.5 if any(mark in self._model for mark in QUICK) else 1.0
        return math.ceil(len(text) * each)

    def _cost(self, head: Mapping[str, str], text: str) -> int:
        told_as = str(head.get(COST, ""))
        return int(told_as) if told_as.isdecimal() else self._credits(text)


def _caller(account: Account, *, is_paid: bool) -> Caller:
    return _Caller(VENDOR, account, {"xi-api-key": account.key}, is_paid=is_paid)


def _listed(row: Mapping[str, Any]) -> SoldVoice:
    """A category that is new to us counts as a copy of a person's voice, which asks for most."""
    labels = {name: str(value) for name, value in (row.get("labels") or {}).items()}
    about = ", ".join(
        labels[name] for name in ("accent", "gender", "age", "use_case") if name in labels
    )
    return SoldVoice(
        str(row["voice_id"]),
        str(row["name"]),
        LANGUAGES,
        LISTED.get(str(row.get("category")), "cloned"),
        about,
        str(row.get("preview_url") or ""),
    )


providers.add("voice:elevenlabs", ElevenLabs)
