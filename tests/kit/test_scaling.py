"""How many workers a cluster wants, by rules alone."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_the_machine_says_what_is_free():
    assert free_mb() > 10


NO_LIMIT_V1 = str(2**63 - 4096)
SPARE = 5  # MB; less than any machine has that runs these tests


def group(root: Path, path: str, limit: str, *, used_mb: int = 20, cache_mb: int = 8) -> None:
    """What the kernel shows of a control group; by its path, in the way of v1 or of v2."""
    folder = root / "sys/fs/cgroup" / path
    folder.mkdir(parents=True, exist_ok=True)
    limit_name, used_name, cache_name = V1 if path.startswith("memory") else V2
    (folder / limit_name).write_text(f"{limit}\n")
    (folder / used_name).write_text(f"{used_mb << 20}\n")
    stat = f"anon 1\n{cache_name} {cache_mb << 20}\nunevictable 0\n"
    (folder / "memory.stat").write_text(stat)


V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
V2 = ("memory.max", "memory.current", "inactive_file")


def member(root: Path, *lines: str) -> Path:
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text("".join(f"{line}\n" for line in lines))
    return root


def mb(size: int) -> str:
    return str(size << 20)


def test_a_container_of_version_2_says_what_it_has_left(tmp_path):
    group(tmp_path, ".", mb(12 + SPARE))
    assert free_mb(member(tmp_path, "0::/")) == SPARE


def test_a_container_of_version_1_says_what_it_has_left(tmp_path):
    group(tmp_path, "memory", mb(12 + SPARE))
    assert free_mb(member(tmp_path, "12:cpu,cpuacct:/x", "9:memory:/docker/a1b2")) == SPARE


@pytest.mark.parametrize("tightest", ["", "a", "a/b"])
@pytest.mark.parametrize(
    ("line", "top", "unlimited"),
    [("0::/a/b", "", "max"), ("4:pids,memory:/a/b", "memory", NO_LIMIT_V1)],
    ids=["v2", "v1"],
)
def test_the_tightest_group_on_the_way_up_counts(tmp_path, line, top, unlimited, tightest):
    for path in ("", "a", "a/b"):
        limit = mb(12 + SPARE) if path == tightest else unlimited
        group(tmp_path, f"{top}/{path}".strip("/") or ".", limit)
    assert free_mb(member(tmp_path, line)) == SPARE


def test_a_neighbour_does_not_count(tmp_path):
    for path, limit in ((".", "max"), ("a", "max"), ("b", mb(12 + SPARE))):
        group(tmp_path, path, limit)
    assert free_mb(member(tmp_path, "0::/a")) > SPARE


@pytest.mark.parametrize("line", ["0::/", "0::/../elsewhere", "3:memory:/gone", "1:name=systemd:/"])
def test_without_a_limit_the_machine_counts(tmp_path, line):
    assert free_mb(member(tmp_path, line)) > SPARE


def test_a_system_without_control_groups_is_asked_itself(tmp_path):
    assert free_mb(tmp_path) > SPARE


def test_a_process_that_is_gone_takes_nothing():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert tree_mb(gone.pid) == 0
