"""Eased time: what has come how far, as a function of the frame's number alone."""

from __future__ import annotations

from dataclasses import dataclass

FPS = 30
PUSH = 12  # frames in which a scene slides over the one before it
ENTRANCE_SHARE = 0.4  # of a scene; by then everything stands


def clamp(value: float) -> float:
    return min(1.0, max(0.0, value))


def ease_out(value: float) -> float:
    rest = 1 - clamp(value)
    return 1 - rest * rest * rest * rest


def ease_in_out(value: float) -> float:
    value = clamp(value)
    return value * value * (3 - 2 * value)


def overshoot(value: float) -> float:
    """Past the mark by a tenth and back."""
    value = clamp(value) - 1
    return 1 + 2.4 * value**3 + 1.4 * value**2


@dataclass(frozen=True)
class Clock:
    """One moment of a scene. `natural_s` is how long its entrances want; short scenes hurry."""

    frame: int
    frames: int
    natural_s: float = 2.0
    delay_s: float = 0.0  # while the page itself is still coming in

    @property
    def seconds(self) -> float:
        return self.frame / FPS

    @property
    def share(self) -> float:
        """0 in the first frame, 1 in the last."""
        return self.frame / max(1, self.frames - 1)

    @property
    def pace(self) -> float:
        room = ENTRANCE_SHARE * self.frames / FPS - self.delay_s
        return max(1.0, self.natural_s / max(0.1, room))

    def since(self, start_s: float, length_s: float) -> float:
        """How much of an entrance that starts at `start_s` is over, 0 to 1, in linear time."""
        return clamp(((self.seconds - self.delay_s) * self.pace - start_s) / length_s)

    def enter(self, start_s: float, length_s: float = 0.6) -> float:
        return ease_out(self.since(start_s, length_s))
