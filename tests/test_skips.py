"""A run in which a test was skipped ends with 1, alone and under xdist."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes

RUN = [sys.executable, "-m", "pytest", "-p", "tests.skips", "-p", "no:django", "-q"]
PASSES = "def test_it(): pass\n"
SKIPS = "import pytest\n@pytest.mark.skip\ndef test_not(): pass\n"
SKIPS_WITHIN = "import pytest\ndef test_not(): pytest.skip('no voice')\n"
SKIPS_A_FILE = "import pytest\npytest.importorskip('no_such_module')\n"
IS_EXPECTED = "import pytest\n@pytest.mark.xfail\ndef test_known(): assert False\n"
FAILS = "def test_bad(): assert False\n"


@pytest.fixture
def run(tmp_path, root):
    def run(*tests: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        for place, text in enumerate(tests):
            (tmp_path / f"test_{place}.py").write_text(text)
        command = [*RUN, *options, "--rootdir", str(tmp_path), "-c", str(tmp_path / "pytest.ini")]
        return subprocess.run(
            [*command, str(tmp_path)], cwd=root, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize(
    ("workers", "skips"),
    [("0", SKIPS), ("0", SKIPS_WITHIN), ("0", SKIPS_A_FILE), ("2", SKIPS), ("2", SKIPS_A_FILE)],
)
def test_a_skipped_test_is_a_failure(run, skips, workers):
    answer = run(PASSES, skips, options=("-n", workers))
    assert answer.returncode == 1, answer.stdout
    assert "SKIPPED counts as failed: " in answer.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_reason_stands_beside_it(run, workers):
    answer = run(SKIPS_WITHIN, options=("-n", workers))
    assert "SKIPPED counts as failed: test_0.py::test_not: no voice\n" in answer.stdout


@pytest.mark.parametrize("tests", [(PASSES,), (PASSES, IS_EXPECTED)])
def test_what_passes_or_fails_as_expected_is_none(run, tests):
    answer = run(*tests)
    assert (answer.returncode, "counts as failed" in answer.stdout) == (0, False)


def test_at_the_desk_skips_can_be_allowed(run):
    assert run(PASSES, SKIPS, options=("--allow-skips",)).returncode == 0


def test_a_failure_stays_a_failure(run):
    assert run(FAILS, SKIPS).returncode == 1


def test_this_very_run_watches_for_skips(request):
    config = request.config
    watched = config.pluginmanager.hasplugin("showrunner-skips")
    assert watched or hasattr(config, "workerinput") or config.option.allow_skips
