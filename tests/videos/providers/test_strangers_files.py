"""What a vendor sends is a stranger's file: looked at before use, and fetched from it alone."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from config.kit.errors import Rejected, Unavailable
from config.kit.vendors import Account
from tests.videos.providers import pictured as p
from tests.videos.providers.pictured import IMAGE, booked, ordered, pictured
from videos.providers import downloads
from videos.shots import Ordered

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]


class Vendor:
    """Answers each path with what a test has laid there: status, headers, body."""

    def __init__(self) -> None:
        self.laid: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    found = Vendor()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            status, headers, body = found.laid.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    found.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def picture(size=(800, 600), kind="PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def sends(vendor: Vendor, raw: bytes) -> None:
    usage = {"input_tokens": 10, "output_tokens": 1000}
    told = {"data": [{"b64_json": base64.b64encode(raw).decode()}], "usage": usage}
    vendor.laid["/v1/images/generations"] = (200, {}, json.dumps(told).encode())


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "it is a SVG file"),
        (b"MZ\x90\x00" * 100, "is not a picture"),
        (picture()[:300], "damaged or cut off"),
        (picture((9000, 5000)), "more than can be used"),
        (picture((20, 20)), "only 20 x 20 pixels"),
    ],
)
def test_a_picture_that_is_none_is_paid_and_never_shown(
    by_ana, channel, settings, vendor, raw, reason
):
    sends(vendor, raw)
    account = Account("IMAGE", f"{vendor.address}/v1", "sk-x", "gpt-image-1")
    settings.ACCOUNTS = {**settings.ACCOUNTS, "image": account}
    run = pictured(ordered(by_ana, channel, IMAGE))
    assert run.state == "failed"
    assert run.reason.startswith("Scene 1 (“Scene of kelp 1”): openai sent a file that can't be")
    assert reason in run.reason
    assert booked() == 40_050  # by the price book: ten tokens in, a thousand out


def test_what_hides_in_a_picture_is_not_kept(by_ana, channel, settings, vendor):
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "PAYLOAD"
    Image.new("RGB", (800, 600), "teal").save(file, "JPEG", exif=exif, comment=b"PAYLOAD")
    sends(vendor, file.getvalue() + b"PAYLOAD")
    account = Account("IMAGE", f"{vendor.address}/v1", "sk-x", "gpt-image-1")
    settings.ACCOUNTS = {**settings.ACCOUNTS, "image": account}
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    part = p.RunPart.objects.get(part="picture:00000001")
    kept = p.files.path_of(video.team_id, part.artifact.files["picture.jpg"])
    assert b"PAYLOAD" not in kept.read_bytes()


def fetch(vendor: Vendor, tmp_path, path: str, hosts=("files.example",)) -> bytes:
    place = downloads.Place("kelp", Account("KELP", vendor.address, "k"), hosts)
    order = Ordered("r", None, lambda: False, lambda share: None, None)  # type: ignore[arg-type]
    url = path if "://" in path else f"{vendor.address}{path}"
    downloads.fetch(url, tmp_path / "came", place, order)
    return (tmp_path / "came").read_bytes()


def test_a_redirect_within_the_vendor_is_followed(vendor, tmp_path):
    vendor.laid = {"/a": (302, {"Location": "/b"}, b""), "/b": (200, {}, b"kelp")}
    assert fetch(vendor, tmp_path, "/a") == b"kelp"


@pytest.mark.parametrize(
    "link",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost:1/",
        "http://files.example/x",  # its own host, without TLS
        "https://files.example:8443/x",
        "https://files.example.evil.example/x",
        "https://user@files.example/x",
        "file:///etc/passwd",
        "http://[::1/",
        "",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(vendor, tmp_path, link):
    with pytest.raises(Rejected):
        downloads.Place("kelp", Account("KELP", vendor.address), ("files.example",)).check(link)
    vendor.laid = {"/a": (302, {"Location": link or "//elsewhere.example"}, b"")}
    with pytest.raises(Rejected):
        fetch(vendor, tmp_path, "/a")


def test_redirects_end(vendor, tmp_path):
    vendor.laid = {"/a": (302, {"Location": "/a"}, b"")}
    with pytest.raises(Rejected, match="from one place to the next"):
        fetch(vendor, tmp_path, "/a")
    assert len(vendor.asked) == downloads.HOPS + 1


def test_a_file_without_end_is_let_go(vendor, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_BYTES", 1_000)
    vendor.laid = {"/a": (200, {}, b"x" * 5_000)}
    with pytest.raises(Rejected, match="more than"):
        fetch(vendor, tmp_path, "/a")


@pytest.mark.parametrize(("status", "error"), [(404, downloads.Gone), (503, Unavailable)])
def test_a_file_that_is_not_handed_out(vendor, tmp_path, status, error):
    vendor.laid = {"/a": (status, {}, b"")}
    with pytest.raises(error):
        fetch(vendor, tmp_path, "/a")
