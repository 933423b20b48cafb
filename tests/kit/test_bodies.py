"""What daphne takes of a body: measured on a running server, for Django comes too late."""

import contextlib
import re

import httpx
import psutil
import pytest

from tests.browser.served import served

MB = 1_000_000


@pytest.fixture(scope="module")
def studio(empty_installation, tmp_path_factory):
    installation = empty_installation.copy_to(tmp_path_factory.mktemp("bodies") / "var")
    installation.manage("first_owner")
    with served(installation, with_workers=False) as found:
        yield found


def megabytes(count: int):
    return (b"x" * MB for _ in range(count))


def post(studio, body, *, to: str = "/api/v1/videos/", **headers: str) -> httpx.Response:
    sent = {"Content-Type": "application/json", **headers}
    return httpx.post(f"{studio.address}{to}", content=body, headers=sent, timeout=60)


@pytest.mark.processes
@pytest.mark.parametrize(
    "headers", [{"Content-Length": str(60 * MB)}, {}], ids=["declared", "chunked"]
)
def test_a_body_too_large_is_refused_with_a_sentence_and_kept_nowhere(studio, headers):
    server = psutil.Process(studio.processes[0].pid)
    before = server.memory_info().rss
    answer = post(studio, megabytes(60), **headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert server.memory_info().rss - before < 20 * MB


@pytest.mark.processes
def test_who_goes_on_sending_is_cut_off(studio):
    sent = 0

    def endless():
        nonlocal sent
        for megabyte in megabytes(1000):
            yield megabyte
            sent += 1

    with contextlib.suppress(httpx.TransportError):  # closed while the client was writing
        assert post(studio, endless()).status_code == 413
    assert sent < 300
    assert post(studio, b"{}").status_code == 401


@pytest.mark.processes
def test_a_page_says_it_on_a_page(studio):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = post(studio, megabytes(6), to="/accounts/login/", **form)
    assert answer.status_code == 413
    assert re.search(r"<h1.*too large", answer.text, re.S | re.I)


@pytest.mark.processes
@pytest.mark.parametrize(("count", "status"), [(15, 401), (17, 413)])
def test_a_piece_of_an_upload_may_be_larger(studio, count, status):
    kind = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}
    url = f"{studio.address}/api/v1/uploads/00000000-0000-4000-8000-000000000000/"
    answer = httpx.patch(url, content=megabytes(count), headers=kind, timeout=60)
    assert answer.status_code == status
