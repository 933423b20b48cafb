"""Frames of the y-protocols: what each is, and that who may only read changes nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text, YMessageType, create_sync_message, create_update_message
from pycrdt import create_awareness_message as message_of_awareness

from collab import frames
from collab.frames import BadFrame, Frame, Kind, ReadOnly, State, awareness, read, states_in, write

DOC = Doc({"script": Text("Kelp")})
STEP2 = Frame(Kind.STEP2, DOC.get_update())
ALL = [
    Frame(Kind.STEP1, DOC.get_state()),
    STEP2,
    Frame(Kind.UPDATE, DOC.get_update()),
    Frame(Kind.UPDATE, b"x" * 300),
    awareness([State(7, 1, {"user": {"id": 1}}), State(300, 2, None)]),
    Frame(Kind.ASK_AWARENESS),
]


@pytest.mark.parametrize("frame", ALL, ids=[frame.kind.value for frame in ALL])
def test_what_is_written_is_read(frame):
    assert read(write(frame), may_write=True) == frame


def test_frames_are_those_of_yjs():
    assert write(ALL[0]) == create_sync_message(DOC)
    assert write(Frame(Kind.UPDATE, b"abc")) == create_update_message(b"abc")
    told = awareness([State(7, 1, {"a": "ö"})])
    assert write(told) == message_of_awareness(told.payload)
    assert write(told)[0] == YMessageType.AWARENESS


@pytest.mark.parametrize("frame", [STEP2, ALL[2], Frame(Kind.UPDATE, b"\0\1")])
def test_who_may_only_read_sends_no_content(frame):
    with pytest.raises(ReadOnly):
        read(write(frame), may_write=False)


@pytest.mark.parametrize("frame", [ALL[0], ALL[4], ALL[5], Frame(Kind.STEP2, frames.NOTHING)])
def test_who_may_only_read_asks_and_shows_themselves(frame):
    assert read(write(frame), may_write=False) == frame


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\0",
        b"\0\0",
        b"\0\3\0",
        b"\2\0",
        b"\7\1\1",
        b"\0\2\5abc",
        b"\0\2\1abc",
        b"\3\1",
        b"\0\0" + b"\xff" * 20,
        b"\xff" * 40,
    ],
)
def test_garbage_is_refused_with_a_reason(garbage):
    with pytest.raises(BadFrame, match=r"\w+"):
        read(garbage, may_write=True)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_frame_or_none(data):
    try:
        frame = read(data, may_write=True)
    except BadFrame:
        return
    assert read(write(frame), may_write=True) == frame


@given(st.binary(max_size=60))
def test_any_bytes_are_states_or_none(data):
    try:
        found = states_in(data)
    except BadFrame:
        return
    assert states_in(awareness(found).payload) == found


def state(told: bytes) -> bytes:
    return bytes([1, 7, 1, len(told)]) + told


@pytest.mark.parametrize(
    "told", [b"[1]", b"{", b"7", b"\xff\xff", b'"text"', b"", b'{"a":NaN}', b'{"a":[1e999]}']
)
def test_a_state_is_an_object_or_null(told):
    with pytest.raises(BadFrame):
        states_in(state(told))


def test_a_state_that_is_nested_too_deeply_is_refused():
    deep = b'{"a":' * 60_000 + b"1" + b"}" * 60_000
    payload = bytes([1, 7, 1]) + frames.number(len(deep)) + deep
    with pytest.raises(BadFrame):
        states_in(payload)


def test_a_state_that_has_gone_is_null():
    assert states_in(state(b"null")) == [State(7, 1, None)]
    assert json.dumps(None) == "null"
