"""How many workers a cluster wants, by rules alone."""

import os
import subprocess
import sys

import pytest

from config.kit.scaling import IDLE_S, Memory, Pace, free_mb, tree_mb

PLENTY = 64


def wanted(pace: Pace, demands: list[int], *, cap: int = PLENTY, every_s: float = 1.0) -> list[int]:
    return [
        pace.next(place * every_s, demand=demand, cap=lambda: cap)
        for place, demand in enumerate(demands)
    ]


def test_it_grows_at_once_to_what_waits_and_no_further_than_its_most():
    assert wanted(Pace(4, 16), [0, 3, 7, 40]) == [4, 4, 7, 16]


def test_it_shrinks_by_one_a_look_once_it_was_idle_for_long_enough():
    pace = Pace(4, 16)
    seen = wanted(pace, [16] + [0] * 25)
    rest = int(IDLE_S)
    assert seen[: rest + 1] == [16] * (rest + 1)
    assert seen[rest + 1 :][:13] == [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 4]


def test_work_that_comes_meanwhile_ends_the_shrinking():
    pace = Pace(1, 8, idle_s=2)
    assert wanted(pace, [8, 1, 1, 1, 8, 1, 1, 1]) == [8, 8, 8, 7, 8, 8, 8, 7]


def test_memory_stops_the_growth_but_takes_no_worker_away():
    pace = Pace(2, 16)
    assert wanted(pace, [16, 16], cap=5) == [5, 5]
    assert wanted(pace, [16], cap=2) == [5]


def test_memory_is_not_looked_at_where_nothing_would_grow():
    def unasked() -> int:
        raise AssertionError("asked")

    assert Pace(3, 9).next(0.0, demand=3, cap=unasked) == 3


def test_a_settled_size_of_workers_is_taken_as_it_is():
    memory = Memory(200, available_mb=lambda: 256 + 950)
    assert memory.room_for([]) == 4


def test_the_largest_worker_ever_seen_counts():
    memory = Memory(available_mb=lambda: 256 + 4 * tree_mb(os.getpid()))
    assert 3 <= memory.room_for([os.getpid()]) <= 4
    assert 3 <= memory.room_for([]) <= 4


def test_where_nothing_is_left_nothing_more_fits():
    assert Memory(100, available_mb=lambda: 90.0).room_for([]) == 0


def test_the_memory_of_children_is_counted():
    before = tree_mb(os.getpid())
    code = "x = bytearray(80 << 20); print('ready', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        assert tree_mb(os.getpid()) > before + 70
        child.stdin.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's numbers")
def test_the_machine_says_what_is_free():
    assert free_mb() > 10


def test_a_process_that_is_gone_takes_nothing():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert tree_mb(gone.pid) == 0
