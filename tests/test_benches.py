"""Every bench starts: what it needs of the project is still where it looks for it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BENCHES = sorted(
    path.stem for path in (ROOT / "bench").glob("*.py") if "\ndef main" in path.read_text()
)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in BENCHES
        if name not in ("all", "cache_child", "ledger_client", "rooms_clients", "rooms_servers")
    ],
)
def test_a_bench_says_what_it_takes(name: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert "--json" in told.stdout
