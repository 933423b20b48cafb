"""The Procfile, Aptfile and build as a platform meets them."""

import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from daphne.cli import CommandLineInterface
from django.core.management import load_command_class

from config.kit import jobs
from tests.processes import ROOT, family, until
from tests.stack import free_port

LINES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


def words(name: str) -> list[str]:
    return shlex.split(LINES[name].replace("${PORT:-8000}", "8000"))


def test_there_is_a_process_for_the_web_for_each_cluster_and_for_the_release():
    assert list(LINES) == ["release", "web", *jobs.CLUSTERS]


@pytest.mark.parametrize("name", LINES)
def test_a_line_names_a_program_that_exists(name):
    through, program, *arguments = words(name)
    assert os.access(ROOT / through, os.X_OK)
    assert (Path(sys.executable).parent / program).exists()
    if program == "python":
        assert arguments[0] == "manage.py"
        app = {"release": "config.kit", "qscale": "config.kit"}[arguments[1]]
        command = load_command_class(app, arguments[1])
        command.create_parser("manage.py", arguments[1]).parse_args(arguments[2:])
    else:
        CommandLineInterface().parser.parse_args(arguments)


@pytest.mark.parametrize("cluster", jobs.CLUSTERS)
def test_each_cluster_is_run_by_the_line_of_its_name(cluster):
    assert words(cluster)[-2:] == ["qscale", cluster]


def test_the_platforms_python_is_one_that_we_support():
    told = (ROOT / ".python-version").read_text().strip()
    supported = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text())
    assert told in supported


def test_every_package_of_the_aptfile_is_one_word_that_debian_knows():
    packages = [line for line in (ROOT / "Aptfile").read_text().splitlines() if line[0] != "#"]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in packages)
    assert {"pgbouncer", "ffmpeg"} <= set(packages)
    known = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ", *packages], capture_output=True, text=True
    )
    assert known.returncode == 0, known.stderr


# --- a build of a clean copy, and the processes of that build


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """What is committed, built as a platform does it: packages are there, secrets and servers are
    not."""
    copy = tmp_path_factory.mktemp("build") / "app"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    done = subprocess.run(
        ["bin/post_compile"],
        cwd=copy,
        env=platform(BUILD_VOICES="espeak", NODE_ENV="production", STACK="container"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


def platform(**more: str) -> dict[str, str]:
    """The environment of a platform: our packages' Python comes first in PATH."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ours = re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M)
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    uv = str(Path(sys.executable).parent / "uv")
    return {**kept, "PATH": path, "UV": uv, **more}


@pytest.mark.processes
def test_a_build_leaves_what_is_served_and_no_secret(built):
    assert (built / "voices/espeak/assets/about.json").exists()
    assert (built / "static/build/inter.css").exists()
    assert not (built / "node_modules").exists()
    assert not (built / "var").exists()
    names = {path.name for path in (built / "staticfiles/js").iterdir()}
    assert any(re.fullmatch(r"studio\.[0-9a-f]{12}\.js", name) for name in names)
    imports = re.findall(
        r'from "\./([^"]+)"',
        "".join(p.read_text() for p in (built / "staticfiles/js").glob("*.????????????.js")),
    )
    assert imports
    assert set(imports) <= {name for name in names if re.search(r"\.[0-9a-f]{12}\.js$", name)}


@pytest.mark.processes
def test_the_lines_run_in_that_build(built, database, stack, tmp_path):
    port = str(free_port())
    settings = platform(
        PORT=port,
        DATABASE_URL=database,
        REDIS_URL=stack.redis.url,
        SECRET_KEY=secrets.token_urlsafe(64),
        PUBLIC_URL=f"http://127.0.0.1:{port}",
        SINGLE_HOST="1",
        DYNOS="5",
        VAR_DIR=str(tmp_path / "var"),
    )
    released = subprocess.run(
        ["sh", "-c", LINES["release"]], cwd=built, env=settings, capture_output=True, text=True
    )
    assert released.returncode == 0, released.stderr
    log = (tmp_path / "web.log").open("wb")
    line = f"exec {LINES['web']}"
    web = subprocess.Popen(["sh", "-c", line], cwd=built, env=settings, stdout=log, stderr=log)
    try:
        page = f"http://127.0.0.1:{port}/set-up/"
        until(lambda: answers(page), what="the web process answers")
        shown = httpx.get(page).text
        script = re.search(r'src="(/static/js/studio\.[0-9a-f]{12}\.js)"', shown)
        assert script, shown[:2000]
        answer = httpx.get(f"http://127.0.0.1:{port}{script[1]}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert "daphne" not in answer.headers.get("Server", "").lower()
    finally:
        web.send_signal(signal.SIGTERM)
        assert web.wait(30) == 0


def answers(page: str) -> bool:
    try:
        return httpx.get(page, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.processes
def test_all_processes_start_work_and_end_together(production, stack, tmp_path):
    """`bin/start` on Postgres behind pgbouncers, with Redis."""
    settings = {**os.environ, **production.settings, "VAR_DIR": str(production.folder)}
    settings |= {"PORT": str(free_port()), "DYNOS": "5", "WORKERS_AI": "1..2"}
    log = (tmp_path / "log").open("wb")
    started = subprocess.Popen(
        ["bin/start"], cwd=ROOT, env=settings, stdout=log, stderr=log, start_new_session=True
    )
    try:
        page = f"http://127.0.0.1:{settings['PORT']}/healthz"
        until(lambda: answers(page), what="the web process answers")
        until(lambda: all_work(production), what="every cluster beats", within_s=90)
    finally:
        started.terminate()
        code = started.wait(60)
    assert code == 0
    assert family(started.pid) == []


def all_work(production) -> bool:
    found = production.says(DYNOS="5")
    return all(verdict != "FAIL" for verdict, _ in found.values())
