import os
import stat

import pytest

from config import env


@pytest.mark.parametrize(
    ("value", "read"), [("1", True), ("true", True), ("off", False), ("", False)]
)
def test_flags_are_read(monkeypatch, value, read):
    monkeypatch.setenv("SOME_FLAG", value)
    assert env.flag("SOME_FLAG") is read


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_flag_that_is_no_flag_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("SOME_FLAG", value)
    with pytest.raises(SystemExit, match="SOME_FLAG"):
        env.flag("SOME_FLAG")


@pytest.mark.parametrize("value", ["-1", "many", "1.5", "9"])
def test_a_number_out_of_range_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("SOME_NUMBER", value)
    with pytest.raises(SystemExit, match="from 1 to 8"):
        env.number("SOME_NUMBER", 2, least=1, most=8)


def test_a_secret_is_made_once_and_kept_private(monkeypatch, tmp_path):
    monkeypatch.delenv("SOME_SECRET", raising=False)
    first = env.secret("SOME_SECRET", tmp_path / "secret")
    assert env.secret("SOME_SECRET", tmp_path / "secret") == first
    assert len(first) > 40
    assert stat.S_IMODE(os.stat(tmp_path / "secret").st_mode) == 0o600
