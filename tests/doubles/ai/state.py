"""What the vendors remember between requests: jobs, history, cached prompts, counts of a minute."""

import hashlib
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.ai import dice

CACHED_FROM = 1024  # tokens: shorter prompts are not cached
STEP = 128
BYTES_A_TOKEN = 4


def tokens(text: str) -> int:
    return -(-len(text.encode()) // BYTES_A_TOKEN)


@dataclass
class State:
    seed: int = 0
    vary: float = 0  # how far usage strays from what the content has, at most
    job_s: float = 0.5  # how long a job of a vendor takes
    turn: threading.RLock = field(default_factory=threading.RLock)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)  # the newest first
    sounds: dict[str, bytes] = field(default_factory=dict)  # of the history's items
    _prompts: set[str] = field(default_factory=set)
    _minutes: Counter[tuple[str, int]] = field(default_factory=Counter)

    def forget(self) -> None:
        with self.turn:
            for kept in (self.jobs, self.history, self.sounds, self._prompts, self._minutes):
                kept.clear()

    def strayed(self, amount: float, *about: object) -> int:
        """What is billed for an amount: the same for the same seed and content, 1 at least."""
        return max(1, round(amount * self.stray(*about)))

    def stray(self, *about: object) -> float:
        """The factor of that, about 1."""
        return 1 + self.vary * (2 * dice.fraction("stray", self.seed, *about) - 1)

    def cached(self, account: str, prompt: str) -> int:
        """Tokens of the prompt that this account has sent before, from its beginning."""
        raw, found, done = prompt.encode(), 0, 0
        so_far = hashlib.sha256(account.encode())
        with self.turn:
            for count in range(CACHED_FROM, len(raw) // BYTES_A_TOKEN + 1, STEP):
                so_far.update(raw[done : (done := count * BYTES_A_TOKEN)])
                mark = so_far.hexdigest()
                if mark in self._prompts:
                    found = count
                self._prompts.add(mark)
        return found

    def left_of_minute(self, vendor: str, account: str, limit: int) -> tuple[int, int]:
        """Requests that are left of this minute, this one counted, and the seconds to its end."""
        now = time.time()
        minute = (f"{vendor}:{account}", int(now // 60))
        with self.turn:
            self._minutes[minute] += 1
            return max(0, limit - self._minutes[minute]), 60 - int(now % 60)
