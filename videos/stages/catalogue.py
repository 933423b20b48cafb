"""What a stage declares about itself, and the order that follows from needs and makes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from config.kit.money import Use
from config.kit.registry import Registry
from videos.contracts import Inputs, Made, Part, Task, Work

Uses = Callable[[Work, Task], Sequence[Use]]


@dataclass(frozen=True)
class Stage:
    """`needs` and `makes` are file names; a stage waits for all stages that make what it needs."""

    name: str
    version: int
    needs: tuple[str, ...]
    makes: tuple[str, ...]
    plan: Callable[[Inputs], list[Part]]
    make: Callable[[Work], Iterator[Made]]
    silence_s: int  # without a beat for so long, the run counts as stuck
    provider: str  # kind of provider whose name and version go into every key, or ""
    cluster: str
    uses: Uses | None  # what may be bought for a part; asked before the part is
    ahead: Uses | None = None  # the same while nothing that the part needs is made, for estimates


_stages: Registry[Stage] = Registry("stage")


def stage(  # noqa: PLR0913 - a declaration: one keyword a line, no logic
    name: str,
    *,
    version: int,
    needs: Sequence[str],
    makes: Sequence[str],
    plan: Callable[[Inputs], list[Part]],
    silence_s: int = 60,
    provider: str = "",
    cluster: str = "render",
    uses: Uses | None = None,
    ahead: Uses | None = None,
) -> Callable[[Callable[[Work], Iterator[Made]]], Callable[[Work], Iterator[Made]]]:
    def register(make: Callable[[Work], Iterator[Made]]) -> Callable[[Work], Iterator[Made]]:
        _stages.add(
            name,
            Stage(
                name,
                version,
                tuple(needs),
                tuple(makes),
                plan,
                make,
                silence_s,
                provider,
                cluster,
                uses,
                ahead,
            ),
        )
        return make

    return register


def get(name: str) -> Stage:
    return _stages.get(name)


def names() -> list[str]:
    return _stages.names()


def makers(name: str) -> list[str]:
    """The stages that must be done before `name` can start."""
    wanted = set(_stages.get(name).needs)
    return [other.name for other in _stages if wanted & set(other.makes)]


def in_order() -> list[str]:
    """All stages, each after those that make what it needs; ties by name. Raises on a cycle."""
    done: list[str] = []
    left = _stages.names()
    while left:
        ready = [name for name in left if set(makers(name)) <= set(done)]
        if not ready:
            raise ValueError(f"stages wait for each other: {', '.join(left)}")
        done += ready
        left = [name for name in left if name not in done]
    return done
