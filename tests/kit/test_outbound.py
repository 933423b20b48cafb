"""Requests to addresses that people wrote: where they may lead, and how long they may take."""

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.kit import outbound
from config.kit.errors import Rejected, Unavailable
from tests.doubles.receiver import receiver

INWARDS = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # metadata of clouds
    "100.64.0.1",  # carriers
    "100.100.100.200",  # metadata again
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[ff02::1]",
    "[::127.0.0.1]",
    "2130706433",  # 127.0.0.1 as one number
    "0x7f.1",
    "0177.0.0.1",
    "localhost",
]


@pytest.fixture
def loopback(settings):
    settings.OUTBOUND_LOOPBACK = settings.OUTBOUND_HTTP = True


@pytest.fixture
def there():
    with receiver() as found:
        yield found


def post(url: str, **more):
    return outbound.send("POST", url, headers={"X-A": "b"}, body=b"{}", **more)


@pytest.mark.parametrize("host", INWARDS)
def test_nothing_leads_into_our_own_network(settings, host):
    settings.OUTBOUND_HTTP = True
    with pytest.raises(Rejected, match="private network"):
        post(f"http://{host}:9/")


def test_a_name_is_looked_up_once_and_that_address_is_asked(loopback, there, monkeypatch):
    asked, real = [], socket.getaddrinfo
    port = int(there.url.split(":")[2].split("/")[0])

    def resolve(host, *args, **kwargs):
        """A name that leads elsewhere at each look, as an attacker's would."""
        asked.append(host)
        if host != "hooks.example":
            return real(host, *args, **kwargs)
        first = asked.count("hooks.example") == 1
        return real("127.0.0.1" if first else "169.254.169.254", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert post(f"http://hooks.example:{port}/hooks").status == 200
    assert asked.count("hooks.example") == 1
    assert there.got[0][0]["host"] == f"hooks.example:{port}"


def test_a_public_name_with_a_private_address_is_refused(settings, monkeypatch):
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("10.1.2.3", *a, **k))
    with pytest.raises(Rejected, match="private network"):
        post("https://hooks.example/")


@pytest.fixture
def certified(tmp_path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for hooks.example, and the file of the certificate that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), False)
        .sign(key, hashes.SHA256())
    )
    pem, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem


def test_tls_is_checked_against_the_name_and_not_the_address(loopback, certified, monkeypatch):
    context, pem = certified
    asked, real = [], socket.getaddrinfo
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1", *a, **k))
    with receiver(context) as there:
        port = there.url.split(":")[2]
        with pytest.raises(Unavailable, match="certificate is not valid"):
            post(f"https://hooks.example:{port}")
        monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(pem))
        assert post(f"https://hooks.example:{port}").status == 200
        with pytest.raises(Unavailable, match="certificate is not valid"):
            post(f"https://other.example:{port}")
    assert asked == ["hooks.example", "hooks.example", "other.example"]
    assert len(there.got) == 1


def test_redirects_are_answers_and_not_followed(loopback, there):
    there.status, there.headers = 302, {"Location": "http://169.254.169.254/"}
    assert post(there.url).status == 302
    assert len(there.got) == 1


def test_a_large_answer_is_read_in_part(loopback, there):
    there.body = b"x" * 5_000_000
    answer = post(there.url, most=2_048)
    assert answer.body == b"x" * 2_048


def test_who_answers_a_byte_now_and_then_holds_nobody(loopback, there, monkeypatch):
    monkeypatch.setattr(outbound, "WHOLE_S", 1.0)
    there.drips_s = 0.2
    began = time.monotonic()
    with pytest.raises(Unavailable, match="No whole answer within 1 s"):
        post(there.url)
    assert time.monotonic() - began < 3


def test_who_never_answers_holds_nobody(loopback, monkeypatch):
    monkeypatch.setattr(outbound, "READ_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Unavailable) as found:
        post(f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert "Nothing was answered" in found.value.message


def test_a_closed_port_and_an_unknown_name_are_told(loopback):
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    with pytest.raises(Unavailable, match="connection failed"):
        post(f"http://127.0.0.1:{port}/")
    with pytest.raises(Unavailable, match="leads to no address"):
        post("http://nothing.invalid/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "http://example.org/",
        "https:///hooks",
        "https://user:pass@example.org/",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/\r\nX-A: b",
        "https://example.org/ä",
        "https://[::1",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_what_is_no_address_is_refused(settings, url):
    with pytest.raises(outbound.BadAddress):
        outbound.check(url)


def test_plain_http_is_for_trying(settings):
    outbound.check("https://example.org:8443/hooks?a=b")
    settings.OUTBOUND_HTTP = True
    outbound.check("http://example.org/")
