"""Moments in milliseconds and the frames that are shown at them."""

import pytest

from collab.moments import first_ms, frame_at, timecode


def test_a_frame_begins_in_itself_up_to_two_hours():
    assert all(frame_at(first_ms(frame)) == frame for frame in range(216_000))


def test_a_beginning_rounded_down_means_the_same_frame():
    assert all(frame_at(frame * 1000 // 30) == frame for frame in range(216_000))


@pytest.mark.parametrize(("at_ms", "frame"), [(0, 0), (32, 0), (34, 1), (98, 2), (100, 3)])
def test_a_moment_is_in_the_frame_that_is_shown(at_ms, frame):
    assert frame_at(at_ms) == frame


@pytest.mark.parametrize(
    ("frame", "told"), [(0, "00:00:00"), (203, "00:06:23"), (108_000, "60:00:00")]
)
def test_a_timecode_has_minutes_seconds_and_frames(frame, told):
    assert timecode(frame) == told
