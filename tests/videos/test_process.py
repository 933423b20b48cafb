import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.kit.errors import Stopped, Unavailable
from videos.media import process

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


def never() -> bool:
    return False


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def go(room: Path, command: list[str], **options):
    options = {"stop": never, "timeout_s": 20, **options}
    return process.run(command, room=room, **options)


def gone(pid: int, within_s: float = 3.0) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_output_and_return_code_come_back(tmp_path):
    done = go(tmp_path, python("import sys; print('out'); sys.stderr.write('err'); sys.exit(3)"))
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", "err")


def test_more_input_than_a_pipe_holds_arrives_whole(tmp_path):
    sent = os.urandom(3_000_000)
    assert go(tmp_path, ["cat"], stdin=sent).stdout == sent


def test_each_line_of_news_is_heard_while_it_runs(tmp_path):
    heard: list[str] = []
    code = "import sys\nfor n in range(3): sys.stderr.write(f'{n}\\n'); sys.stderr.flush()"
    go(tmp_path, python(code), on_line=heard.append)
    assert heard == ["0", "1", "2"]


def test_a_talkative_child_is_remembered_by_its_last_words(tmp_path):
    code = "import sys; sys.stderr.write('x' * 500_000 + 'the end')"
    told = go(tmp_path, python(code)).stderr
    assert len(told) == 64 * 1024
    assert told.endswith("the end")


def test_a_child_sees_none_of_our_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hidden")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    seen = go(tmp_path, ["env"]).stdout.decode()
    assert "hidden" not in seen
    assert "proxy" not in seen
    assert f"HOME={tmp_path}" in seen


def test_a_child_works_in_its_room_and_its_files_are_private(tmp_path):
    go(tmp_path, ["touch", "made"])
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600


def test_a_child_has_no_network(tmp_path):
    code = (
        "import socket; s = socket.socket(); s.settimeout(2); print(s.connect_ex(('127.0.0.1', 9)))"
    )
    with_network = int(subprocess.run(python(code), capture_output=True, check=True).stdout)
    ways = (["unshare", "-n", "true"], ["unshare", "-rn", "true"])  # as root, as anybody
    kernel_lets_us = not all(subprocess.run(way, check=False).returncode for way in ways)
    assert process.network_confined() == kernel_lets_us
    assert (int(go(tmp_path, python(code)).stdout) != with_network) == kernel_lets_us


def test_cancel_ends_a_willing_child_at_once(tmp_path):
    start = time.monotonic()
    with pytest.raises(Stopped):
        go(tmp_path, ["sleep", "60"], stop=lambda: time.monotonic() > start + 0.3)
    assert time.monotonic() - start < 1.5


def test_cancel_ends_a_deaf_child_within_five_seconds(tmp_path):
    before, start = set(psutil.Process().children(recursive=True)), time.monotonic()
    with pytest.raises(Stopped):
        go(tmp_path, python(DEAF), stop=lambda: time.monotonic() > start + 0.3)
    assert time.monotonic() - start < 5
    left = set(psutil.Process().children(recursive=True)) - before
    assert not [process for process in left if process.is_running()]


def test_a_child_that_takes_too_long_is_ended_with_a_sentence(tmp_path):
    with pytest.raises(Unavailable, match="sleep did not finish within 1 seconds"):
        go(tmp_path, ["sleep", "60"], timeout_s=1)


def test_grandchildren_do_not_outlive_the_run(tmp_path):
    done = go(tmp_path, ["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"])
    assert gone(int(done.stdout))


@pytest.mark.parametrize("worker_dies_by", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_worker_leaves_neither_child_nor_grandchild(tmp_path, worker_dies_by):
    command = ["sh", "-c", "sleep 60 & echo $! > pids; echo $$ >> pids; wait"]
    code = (
        "import sys; from pathlib import Path; from videos.media import process\n"
        f"process.run({command!r}, room=Path({str(tmp_path)!r}), stop=lambda: False, timeout_s=90)"
    )
    worker = subprocess.Popen([sys.executable, "-c", code], cwd=process.ROOT)
    pids = _read_when_there(tmp_path / "pids", lines=2)
    worker.send_signal(worker_dies_by)
    worker.wait()
    assert all(gone(pid) for pid in pids)


def _read_when_there(path: Path, lines: int) -> list[int]:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if path.exists() and len(found := path.read_text().split()) == lines:
            return [int(word) for word in found]
        time.sleep(0.02)
    raise AssertionError(f"{path} did not appear")


def test_memory_is_limited(tmp_path):
    done = go(tmp_path, python("x = bytearray(600 << 20)"), memory_mb=300)
    assert "MemoryError" in done.stderr


def test_processor_time_is_limited(tmp_path):
    done = go(tmp_path, python("while True: pass"), cpu_s=1)
    with pytest.raises(Unavailable, match="used up its processor time"):
        process.require(done, "counting")


def test_a_file_may_not_grow_over_its_limit(tmp_path):
    done = go(tmp_path, ["dd", "if=/dev/zero", "of=big", "bs=1M", "count=9"], file_mb=4)
    with pytest.raises(Unavailable, match="grew over the limit"):
        process.require(done, "copying")
    assert (tmp_path / "big").stat().st_size == 4 << 20


def test_a_full_disk_is_said_as_such(tmp_path):
    done = go(tmp_path, ["dd", "if=/dev/zero", "of=/dev/full", "bs=1M", "count=1"])
    with pytest.raises(Unavailable, match="The disk is full: free at least"):
        process.require(done, "copying")


def test_too_little_space_is_said_before_work_begins(tmp_path):
    process.free_space(tmp_path, 1)
    with pytest.raises(Unavailable, match=r"The disk is full: free \d+ MB and press Retry"):
        process.free_space(tmp_path, 1e9)


def test_a_missing_program_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="ffmpeg is not installed: run bin/setup, or apt-get"):
        go(tmp_path, ["ffmpeg", "-version"])


def test_one_child_feeds_the_other(tmp_path):
    code = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('{\"frame\": 1}\\n')"
    heard: list[str] = []
    first, second = process.pipe(
        (python(code), ["wc", "-c"]), room=tmp_path, stop=never, timeout_s=20, on_line=heard.append
    )
    assert (first.returncode, second.stdout.strip()) == (0, b"3000000")
    assert json.loads(heard[0]) == {"frame": 1}


def test_a_feeder_whose_reader_fails_does_not_hang(tmp_path):
    first, second = process.pipe((["yes"], ["false"]), room=tmp_path, stop=never, timeout_s=20)
    assert second.returncode == 1
    assert first.returncode != 0


def test_cancel_ends_both_ends_of_a_pipe(tmp_path):
    start = time.monotonic()
    with pytest.raises(Stopped):
        process.pipe(
            (["yes"], python(DEAF)),
            room=tmp_path,
            stop=lambda: time.monotonic() > start + 0.3,
            timeout_s=30,
        )
    assert time.monotonic() - start < 5
