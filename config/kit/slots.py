"""Which long work may start: one worker of a cluster stays free, and no kind starves another."""

from config.kit import jobs, registry
from config.kit.registry import LongWork


def has_room(kind: str, cluster: str, worker: str, at_once: int, *, may_wait: bool = True) -> bool:
    """Whether a worker's cluster may take up one more. Asked first in the verb that takes it.

    A slot is left to every kind that waits and has none; the last slot goes to the first of them.
    A verb that holds other locks `may_wait` for none: False is then a perhaps.
    """
    kinds = _kinds(cluster)
    others = jobs.others_at_most()
    if others >= 0 and at_once - others >= len(kinds):
        return True  # if all took something at this moment, each kind would still find a slot
    if not may_wait:
        return False
    jobs.lock_cluster(worker)  # else two workers could take the last slot together
    held = {each.name: each.held(worker) for each in kinds}
    free = at_once - sum(held.values())
    if free <= 0:
        return False
    rivals = kinds if held.get(kind) else _before(kind, kinds)
    hungry = [each for each in rivals if not held[each.name] and each.is_due(cluster)]
    if free > len(hungry):
        return True
    _wake(hungry, cluster)
    return False


def offer(kind: str, cluster: str) -> None:
    """A slot that this kind has no use for: wakes the others that wait."""
    others = [each for each in _kinds(cluster) if each.name != kind]
    _wake([each for each in others if each.is_due(cluster)], cluster)


def _kinds(cluster: str) -> list[LongWork]:
    """What the workers of a cluster share."""
    return [
        each
        for each in registry.long_work
        if not each.cluster or jobs.cluster(each.cluster) == cluster
    ]


def _before(kind: str, kinds: list[LongWork]) -> list[LongWork]:
    names = [each.name for each in kinds]
    return kinds[: names.index(kind)] if kind in names else []


def _wake(kinds: list[LongWork], cluster: str) -> None:
    for each in kinds:
        each.wake(cluster)
