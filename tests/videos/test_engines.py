"""The engine programs: started once, shared, cancelled, restarted, and honest when they can't."""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import wave
from pathlib import Path

import pytest

from config.kit.errors import Rejected, Stopped, Unavailable
from videos.contracts import Word
from videos.media import engine_places
from videos.media.engines import Engine
from videos.providers.espeak import Espeak
from videos.providers.kokoro import Kokoro
from videos.providers.piper import Piper

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "The kelp forest grows again after a long and quiet winter. "
LONG = SENTENCE * 40


@pytest.fixture
def run(tmp_path):
    """A folder of sockets of this test's own; its engines end with it."""
    yield from _place(tmp_path / "run")


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """Engines that several tests share."""
    yield from _place(tmp_path_factory.mktemp("warm") / "run")


def _place(folder):
    before = engine_places.places.run
    engine_places.configure(run=folder)
    yield folder
    engine_places.configure(run=folder)
    for name in ("piper", "kokoro", "espeak", "whisper"):
        pid = Engine(name).state().get("pid")
        if pid:
            os.kill(pid, signal.SIGTERM)
    engine_places.places.run = before


def words(text):
    return [Word(word, word) for word in text.split()]


def say(provider, text, into, *, language="en", speed=1.0, stopping=lambda: False, beats=None):
    return provider.say(
        words(text),
        language=language,
        speed=speed,
        into=into,
        stopping=stopping,
        beat=(beats if beats is not None else []).append,
    )


def samples(path):
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getnframes()


@pytest.mark.media
@pytest.mark.parametrize(
    ("voice", "language", "text"),
    [
        (Piper("joe"), "en", "Kelp grows fast. It likes cold water."),
        (Kokoro("af_heart"), "en", "Kelp grows fast. It likes cold water."),
        (Kokoro("bm_george"), "en-gb", "Kelp grows fast."),
        (Kokoro("ef_dora"), "es", "El alga crece muy rápido."),
        (Kokoro("ff_siwis"), "fr", "Le varech pousse très vite."),
        (Espeak("default"), "de", "Der Tang wächst schnell."),
        (Espeak("default"), "ru", "Водоросль растёт быстро."),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else None,
)
def test_a_voice_speaks_and_times_each_word_the_same_way_every_time(
    warm, tmp_path, voice, language, text
):
    said = say(voice, text, tmp_path / "one.wav", language=language)
    again = say(voice, text, tmp_path / "two.wav", language=language)
    assert samples(said.path) == said.samples > said.sample_rate // 2
    assert len(said.times) == len(text.split())
    starts = [start for start, _ in said.times]
    assert starts == sorted(set(starts))
    assert all(0 <= start < end <= said.samples for start, end in said.times)
    assert said.path.read_bytes() == again.path.read_bytes()
    assert said.times == again.times


@pytest.mark.media
def test_speed_changes_the_length(warm, tmp_path):
    slow = say(Piper("joe"), "Kelp grows very fast.", tmp_path / "slow.wav", speed=0.8)
    fast = say(Piper("joe"), "Kelp grows very fast.", tmp_path / "fast.wav", speed=1.4)
    assert slow.samples > 1.3 * fast.samples


@pytest.mark.media
def test_two_workers_share_one_program(run, tmp_path):
    def work(number):
        say(Espeak("default"), "Hello there.", tmp_path / f"{number}.wav")

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert all((tmp_path / f"{number}.wav").exists() for number in range(4))
    assert Engine("espeak").state()["served"] == 4


@pytest.mark.media
def test_an_engine_belongs_to_no_worker_and_has_no_network(run, tmp_path):
    say(Espeak("default"), "Hello.", tmp_path / "a.wav")
    pid = Engine("espeak").state()["pid"]
    assert os.getpgid(pid) != os.getpgid(0)
    status = Path(f"/proc/{pid}/status").read_text()
    assert f"PPid:\t{os.getpid()}\n" not in status
    assert (run / "voice-espeak.sock").stat().st_mode & 0o077 == 0
    if _may_leave_the_network():
        assert os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net")


@pytest.mark.media
@pytest.mark.parametrize(
    ("engine", "voice"), [("piper", Piper("joe")), ("kokoro", Kokoro("af_heart"))]
)
def test_no_engine_tells_its_maker_what_it_is_used_for(run, tmp_path, engine, voice):
    """Where onnxruntime tells, it keeps what it has not sent yet beside the program."""
    say(voice, "Hello.", tmp_path / "a.wav")
    environment = Path(f"/proc/{Engine(engine).state()['pid']}/environ").read_bytes().split(b"\0")
    assert b"ORT_DISABLE_TELEMETRY=1" in environment
    assert {path.name.partition("-")[0] for path in run.iterdir()} == {"voice"}


def _may_leave_the_network():
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0


@pytest.mark.media
def test_a_stopped_stage_leaves_within_a_second_and_the_engine_goes_on_for_others(run, tmp_path):
    began, beats = time.monotonic(), []
    with pytest.raises(Stopped):
        say(
            Kokoro("af_heart"),
            LONG,
            tmp_path / "a.wav",
            stopping=lambda: len(beats) > 2,
            beats=beats,
        )
    stopped_at = time.monotonic()
    assert not (tmp_path / "a.wav").exists()
    say(Kokoro("af_heart"), "Short.", tmp_path / "b.wav")
    assert time.monotonic() - stopped_at < 30  # the long text was given up after one sentence
    assert stopped_at - began < 30
    assert [path.name for path in tmp_path.glob("*.wav")] == ["b.wav"]
    assert not list(tmp_path.glob(".say-*"))


@pytest.mark.media
def test_an_engine_that_is_killed_is_started_again_and_the_work_repeated(run, tmp_path):
    say(Piper("joe"), "Hello.", tmp_path / "a.wav")
    first = Engine("piper").state()["pid"]
    killed = []

    def kill_once(fraction):
        if not killed:
            killed.append(first)
            os.kill(first, signal.SIGKILL)

    Piper("joe").say(
        words(SENTENCE * 8),
        language="en",
        speed=1.0,
        into=tmp_path / "b.wav",
        stopping=lambda: False,
        beat=kill_once,
    )
    assert killed
    assert samples(tmp_path / "b.wav") > 0
    assert Engine("piper").state()["pid"] != first


@pytest.mark.media
def test_a_socket_that_a_killed_engine_left_behind_does_no_harm(run, tmp_path):
    run.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(run / "voice-espeak.sock"))
    say(Espeak("default"), "Hello.", tmp_path / "a.wav")
    assert samples(tmp_path / "a.wav") > 0


@pytest.mark.media
def test_an_engine_that_hangs_at_its_end_makes_room(run, tmp_path):
    say(Espeak("default"), "Hello.", tmp_path / "a.wav")
    hanging = Engine("espeak").state()["pid"]
    os.kill(hanging, signal.SIGSTOP)
    (run / "voice-espeak.sock").unlink()
    say(Espeak("default"), "Hello.", tmp_path / "b.wav")
    assert samples(tmp_path / "b.wav") > 0
    assert Engine("espeak").state()["pid"] != hanging


@pytest.mark.media
def test_a_project_in_a_very_deep_folder_still_speaks(run, tmp_path):
    deep = tmp_path / ("deep" * 20) / ("er" * 40) / "run"
    engine_places.configure(run=deep)
    say(Espeak("default"), "Hello.", tmp_path / "a.wav")
    place = engine_places.places.socket("espeak")
    assert len(os.fsencode(place)) < 104
    assert place.parent.stat().st_mode & 0o077 == 0
    os.kill(Engine("espeak").state()["pid"], signal.SIGTERM)


@pytest.mark.media
def test_an_idle_engine_ends_by_itself(run, tmp_path):
    run.mkdir()
    place = run / "voice-espeak.sock"
    python, program = engine_places.places.python("espeak"), engine_places.places.program("espeak")
    command = [python, program, "--socket", place, "--idle", "0.5"]
    assert subprocess.run(command, timeout=20).returncode == 0
    assert not place.exists()


@pytest.mark.media
def test_an_engine_that_was_set_up_anew_is_replaced_before_it_speaks(run, tmp_path):
    voices = tmp_path / "voices"
    shutil.copytree(ROOT / "voices/shared", voices / "shared")
    no_venv = shutil.ignore_patterns(".venv")
    shutil.copytree(ROOT / "voices/espeak", voices / "espeak", ignore=no_venv)
    (voices / "espeak/.venv").symlink_to(ROOT / "voices/espeak/.venv")
    about = voices / "espeak/assets/about.json"
    engine_places.configure(run=run, voices=voices)
    try:
        say(Espeak("default"), "Hello.", tmp_path / "a.wav")
        first = Engine("espeak").state()["pid"]
        about.write_text(json.dumps({**json.loads(about.read_text()), "version": "newer"}))
        say(Espeak("default"), "Hello.", tmp_path / "b.wav")
        assert Engine("espeak").state()["pid"] != first
    finally:
        engine_places.configure(run=run, voices=ROOT / "voices")


@pytest.mark.media
@pytest.mark.parametrize(
    ("voice", "language", "text", "sentence"),
    [
        (Piper("joe"), "de", "Guten Tag.", "speaks English"),
        (Piper("bob"), "en", "Hello.", "no voice 'bob'"),
        (Kokoro("af_heart"), "fr", "Bonjour.", "speaks en-us"),
        (Espeak("default"), "xx", "Foo.", "does not speak the language 'xx'"),
        (Espeak("default"), "ja", "日本語の文章です。", "can't read this text"),
        (Espeak("default"), "en", "...", "nothing to say"),
    ],
)
def test_what_a_voice_cannot_say_is_refused_in_a_sentence(
    warm, tmp_path, voice, language, text, sentence
):
    with pytest.raises(Rejected, match=sentence):
        say(voice, text, tmp_path / "a.wav", language=language)


def test_an_engine_that_is_not_set_up_says_what_to_run(run, tmp_path):
    engine_places.configure(run=run, voices=tmp_path / "nothing")
    try:
        assert not Piper.present()
        assert not Piper.offers()
        with pytest.raises(Unavailable, match="run bin/setup-voices"):
            say(Piper("joe"), "Hello.", tmp_path / "a.wav")
    finally:
        engine_places.configure(run=run, voices=ROOT / "voices")


@pytest.mark.media
def test_a_disk_without_room_is_no_fault_of_the_text(warm, tmp_path):
    with pytest.raises(Unavailable, match="could not do it"):
        say(Espeak("default"), "Hello.", Path("/proc/self/task/a.wav"))
